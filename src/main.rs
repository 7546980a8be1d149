//! The program `zooscope`.

fn main() {}
