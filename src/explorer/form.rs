//! The form that creates a znode: its fields, which one is being filled in, and whether what
//! they say makes a znode that a server takes.

use super::input::Input;
use super::key::{Chord, Key};
use super::message::Ticket;
use crate::proto::{CreateMode, ZPath};

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The name; with slashes, also those of parents.
    Name,
    /// The data.
    Data,
    /// Whether it goes with the session.
    Ephemeral,
    /// Whether the server appends a number.
    Sequential,
    /// Whether missing parents are made too.
    Parents,
}

impl Field {
    /// All, in the order shown.
    pub const ALL: [Self; 5] = [
        Self::Name,
        Self::Data,
        Self::Ephemeral,
        Self::Sequential,
        Self::Parents,
    ];
}

/// The form's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box to tick")]
pub struct Form {
    /// The znode to create a child of.
    pub parent: ZPath,
    /// The name as typed.
    pub name: Input,
    /// The data as typed.
    pub data: Input,
    /// Whether it goes with the session.
    pub ephemeral: bool,
    /// Whether the server appends a number.
    pub sequential: bool,
    /// Whether missing parents are made too.
    pub parents: bool,
    /// The field being filled in.
    pub field: Field,
    /// The create under way.
    pub ticket: Option<Ticket>,
    /// What is wrong with it, or why it failed.
    pub error: Option<String>,
    /// Whether it was left once, and asked to be left again if that is meant.
    pub leaving: bool,
}

impl Form {
    /// An empty form.
    pub fn new(parent: ZPath) -> Self {
        Self {
            parent,
            name: Input::default(),
            data: Input::default(),
            ephemeral: false,
            sequential: false,
            parents: false,
            field: Field::Name,
            ticket: None,
            error: None,
            leaving: false,
        }
    }

    /// The kind of znode chosen.
    pub const fn mode(&self) -> CreateMode {
        match (self.ephemeral, self.sequential) {
            (false, false) => CreateMode::Persistent,
            (true, false) => CreateMode::Ephemeral,
            (false, true) => CreateMode::PersistentSequential,
            (true, true) => CreateMode::EphemeralSequential,
        }
    }

    /// The path that the fields make, or what is wrong with the name.
    pub fn path(&self) -> Result<ZPath, String> {
        let name = self.name.text();
        if name.is_empty() {
            return Err("the name is missing".to_owned());
        }
        if name.contains('/') && !self.parents {
            let hint = "a name can't hold a slash, unless missing parents are made too";
            return Err(hint.to_owned());
        }
        let text = self.parent.child(name);
        ZPath::new(text.as_str()).map_err(|error| error.to_string())
    }

    /// Whether anything was typed.
    pub const fn is_touched(&self) -> bool {
        !self.name.is_empty() || !self.data.is_empty()
    }

    /// Takes a key, if it is one that fills the form in; says so.
    pub fn key(&mut self, chord: Chord) -> bool {
        let step = match (chord.key, chord.shift) {
            (Key::Tab, false) | (Key::Down, _) => Some(1),
            (Key::Tab, true) | (Key::Up, _) => Some(Field::ALL.len() - 1),
            _ => None,
        };
        if let Some(step) = step {
            let at = Field::ALL.iter().position(|field| *field == self.field);
            let next = (at.unwrap_or(0) + step) % Field::ALL.len();
            self.field = Field::ALL[next];
            return true;
        }
        let taken = match self.field {
            Field::Name => self.name.key(chord),
            Field::Data if is_new_line(chord) => {
                self.data.insert("\n");
                true
            }
            Field::Data => self.data.key(chord),
            _ if chord != Chord::char(' ') => false,
            field => {
                self.toggle(field);
                true
            }
        };
        if taken {
            self.touched();
        }
        taken
    }

    /// Goes to a field; a yes-or-no field changes its answer.
    pub fn click(&mut self, field: Field) {
        self.field = field;
        self.toggle(field);
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        match self.field {
            Field::Name => self.name.insert(&text.replace('\n', "")),
            Field::Data => self.data.insert(text),
            Field::Ephemeral | Field::Sequential | Field::Parents => return,
        }
        self.touched();
    }

    /// Something was filled in: what was said of the form before holds no more.
    fn touched(&mut self) {
        self.error = None;
        self.leaving = false;
    }

    fn toggle(&mut self, field: Field) {
        match field {
            Field::Ephemeral => self.ephemeral = !self.ephemeral,
            Field::Sequential => self.sequential = !self.sequential,
            Field::Parents => self.parents = !self.parents,
            Field::Name | Field::Data => return,
        }
        self.touched();
    }
}

/// Enter creates, so a line of the data ends with what other programs send it by, too.
fn is_new_line(chord: Chord) -> bool {
    let alt_enter = Chord {
        alt: true,
        ..Chord::plain(Key::Enter)
    };
    chord == Chord::ctrl('j') || chord == alt_enter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(form: &mut Form, keys: &str) {
        for key in keys.split_whitespace() {
            form.key(key.parse().expect(key));
        }
    }

    #[test]
    fn keys_fill_it_in() {
        let mut form = Form::new(ZPath::from_server("/app"));
        press(&mut form, "x y tab d down space down space");
        assert_eq!(form.path(), Ok(ZPath::from_server("/app/xy")));
        assert_eq!(form.data.text(), "d");
        assert_eq!(form.mode(), CreateMode::EphemeralSequential);
        press(&mut form, "shift-tab space tab tab tab");
        assert_eq!(form.mode(), CreateMode::PersistentSequential);
        assert_eq!(form.field, Field::Name, "round and round");
    }

    #[test]
    fn the_data_may_have_lines() {
        let mut form = Form::new(ZPath::root());
        press(&mut form, "x ctrl-j alt-enter tab a ctrl-j b alt-enter");
        assert_eq!((form.name.text(), form.data.text()), ("x", "a\nb\n"));
    }

    #[test]
    fn whatever_fills_it_in_takes_back_that_it_was_left() {
        let fills: [fn(&mut Form); 3] = [
            |form| form.paste("x"),
            |form| form.click(Field::Parents),
            |form| assert!(form.key(Chord::char('x'))),
        ];
        for fill in fills {
            let mut form = Form::new(ZPath::root());
            (form.leaving, form.error) = (true, Some("once more".to_owned()));
            fill(&mut form);
            assert_eq!((form.leaving, form.error), (false, None));
        }
    }

    #[test]
    fn a_bad_name_is_told_before_anything_is_sent() {
        let mut form = Form::new(ZPath::root());
        assert!(form.path().is_err_and(|why| why.contains("missing")));
        form.paste("a/b");
        assert!(form.path().is_err_and(|why| why.contains("slash")));
        form.parents = true;
        assert_eq!(form.path(), Ok(ZPath::from_server("/a/b")));
        form.paste("/..");
        assert!(form.path().is_err_and(|why| why.contains("..")));
    }
}
