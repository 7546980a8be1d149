//! The one table of what a user can ask for: its name, what it does in words, its keys, and
//! whether it can be done now, or why not. Keymap, help, palette and hints are made of it;
//! what a command does stands in its arm under `act/`.

use super::Explorer;
use super::available::{
    always, connected, editable, editor_open, in_conflict, in_tree, value_here, vanished, writable,
};

/// Where a command's keys count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// When no popup is open.
    Main,
    /// In the editor.
    Editor,
    /// Where the editor shows a conflict, or asks what to do.
    Choice,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Main, Self::Editor, Self::Choice];

    /// Its name: a table of the keymap's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Editor => "editor",
            Self::Choice => "choice",
        }
    }
}

/// Whether a command can be done now.
type Available = fn(&Explorer) -> Result<(), &'static str>;

macro_rules! commands {
    ($($scope:ident { $($command:ident $name:literal $keys:expr, $doc:literal, $available:ident;)+ })+) => {
        /// Something a user can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Command {
            $($(#[doc = $doc] $command,)+)+
        }

        impl Command {
            /// All commands, in the order of the help.
            pub const ALL: &[Self] = &[$($(Self::$command,)+)+];

            /// Its name, as the keymap writes it.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$command => $name,)+)+ }
            }

            /// What it does, in a line.
            pub const fn doc(self) -> &'static str {
                match self { $($(Self::$command => $doc,)+)+ }
            }

            /// Its keys, unless a user's keymap says otherwise.
            pub const fn keys(self) -> &'static [&'static str] {
                match self { $($(Self::$command => &$keys,)+)+ }
            }

            /// Where its keys count.
            pub const fn scope(self) -> Scope {
                match self { $($(Self::$command => Scope::$scope,)+)+ }
            }

            const fn check(self) -> Available {
                match self { $($(Self::$command => $available,)+)+ }
            }
        }
    };
}

commands! {
    Main {
        Up "up" ["up", "k"], "Go up a row", always;
        Down "down" ["down", "j"], "Go down a row", always;
        Left "left" ["left", "h"], "Close the row, or go to its parent", always;
        Right "right" ["right", "l"], "Open the row, or go to its first child", always;
        Toggle "toggle" ["enter", "space"], "Open or close the row", in_tree;
        PageUp "page-up" ["page-up", "ctrl-b"], "Go up a screenful", always;
        PageDown "page-down" ["page-down", "ctrl-f"], "Go down a screenful", always;
        First "first" ["home", "g"], "Go to the first row", always;
        Last "last" ["end", "G"], "Go to the last row", always;
        SwitchPane "switch-pane" ["tab", "shift-tab"], "Go to the other pane", always;
        Filter "filter" ["/"], "Show only loaded rows whose name holds a text", always;
        GoTo "go-to" ["p", "ctrl-g"], "Go to a path, opening what is above it", always;
        CloseAll "close-all" ["C"], "Close every opened row", always;
        Refresh "refresh" ["r", "f5"], "Read the selected znode anew, and its children if it is open", connected;
        Edit "edit" ["e"], "Edit the selected znode's data", editable;
        Create "create" ["n", "a"], "Create a child of the selected znode", writable;
        Delete "delete" ["d", "delete"], "Delete the selected znode, asking first", writable;
        CopyPath "copy-path" ["y"], "Copy the selected znode's path", always;
        CopyData "copy-data" ["Y"], "Copy the selected znode's data, byte for byte", value_here;
        Palette "palette" [":", "ctrl-p"], "Find a command by its name and run it", always;
        Help "help" ["?", "f1"], "Show what every key does", always;
        ToggleMouse "toggle-mouse" ["m"], "Take the mouse, or leave it to the terminal for selecting text", always;
        Back "back" ["esc"], "Clear the filter, or the messages; leave the value's pane", always;
        Suspend "suspend" ["ctrl-z"], "Stop, back to the shell; fg comes back", always;
        Quit "quit" ["q"], "Quit; asks if a text is not saved", always;
        Interrupt "interrupt" ["ctrl-c"], "Quit, from anywhere; pressed twice, without asking", always;
    }
    Editor {
        Save "save" ["ctrl-s"], "Save the text, if nobody else wrote meanwhile", editor_open;
        Leave "leave" ["esc"], "Leave the editor; asks if the text is not saved", editor_open;
        Undo "undo" ["ctrl-u"], "Take the last change of the text back", editor_open;
        Redo "redo" ["ctrl-r"], "Make a change that was taken back again", editor_open;
    }
    Choice {
        TakeTheirs "take-theirs" ["t"], "Put the server's text into the editor, in place of mine", in_conflict;
        WriteMine "write-mine" ["m"], "Write my text over the server's new version", in_conflict;
        CreateAgain "create-again" ["c"], "Create the vanished znode anew with my text", vanished;
        KeepEditing "keep-editing" ["e", "esc"], "Go on editing", editor_open;
    }
}

impl Command {
    /// The command of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|command| command.name() == name)
    }

    /// Whether it can be done now; if not, the reason.
    pub fn available(self, explorer: &Explorer) -> Result<(), &'static str> {
        self.check()(explorer)
    }

    /// What the bottom line calls it, where there is no room for more.
    pub fn label(self) -> &'static str {
        match self {
            Self::GoTo => "go to",
            Self::CopyPath => "copy path",
            Self::CopyData => "copy data",
            Self::SwitchPane => "pane",
            Self::TakeTheirs => "take theirs",
            Self::WriteMine => "write mine",
            Self::CreateAgain => "create again",
            Self::KeepEditing => "go on editing",
            _ => self.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::explorer::Chord;

    #[test]
    fn names_are_unique_and_keys_mean_one_thing_each() {
        let names: HashSet<_> = Command::ALL.iter().map(|command| command.name()).collect();
        assert_eq!(names.len(), Command::ALL.len());
        let mut taken = HashSet::new();
        for &command in Command::ALL {
            assert_eq!(Command::named(command.name()), Some(command));
            for key in command.keys() {
                let chord: Chord = key.parse().expect(key);
                assert_eq!(chord.to_string(), *key, "one spelling");
                // The editor's two questions share keys with nothing but each other.
                let unique = taken.insert((command.scope(), chord));
                assert!(unique, "{key} twice in {:?}", command.scope());
            }
        }
    }
}
