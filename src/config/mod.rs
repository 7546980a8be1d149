//! Files that people write, read into the explorer's terms, with everything that is wrong in
//! them told at once.
//!
//! It knows texts. It refuses to know where they lie: reading files is `cli`'s and `app`'s.

pub mod keymap;
