//! What the terminal sends, in the explorer's words: keys become chords, pastes are cleaned,
//! the mouse's cells become what they stand for.

use std::time::{Duration, Instant};

use crossterm::event::{
    Event, KeyCode as Code, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::explorer::{Chord, Key, Message, Target};
use crate::ui;

/// Two clicks on one cell within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// How many rows one notch of the wheel moves.
const WHEEL_ROWS: i16 = 3;

/// Remembers what a later event may belong to.
#[derive(Debug, Default)]
pub struct Input {
    last_click: Option<(Instant, u16, u16)>,
}

impl Input {
    /// The message that an event is, if it is one. `hit` says what a cell stands for.
    pub fn translate(
        &mut self,
        event: Event,
        now: Instant,
        hit: impl Fn(u16, u16) -> Target,
    ) -> Option<Message> {
        match event {
            Event::Key(key) => chord(key).map(Message::Key),
            Event::Paste(text) => Some(Message::Paste(clean(&text))),
            Event::Mouse(mouse) => self.mouse(mouse, now, hit),
            Event::Resize(width, height) => Some(Message::Resize(ui::viewport(width, height))),
            Event::FocusGained | Event::FocusLost => None,
        }
    }

    fn mouse(
        &mut self,
        mouse: MouseEvent,
        now: Instant,
        hit: impl Fn(u16, u16) -> Target,
    ) -> Option<Message> {
        let (column, row) = (mouse.column, mouse.row);
        let rows = match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let target = hit(column, row);
                let double = self.is_double(now, column, row);
                return Some(Message::Click { target, double });
            }
            MouseEventKind::ScrollUp => -WHEEL_ROWS,
            MouseEventKind::ScrollDown => WHEEL_ROWS,
            _ => return None,
        };
        let target = hit(column, row);
        Some(Message::Wheel { target, rows })
    }

    fn is_double(&mut self, now: Instant, column: u16, row: u16) -> bool {
        let double = self.last_click.is_some_and(|(at, x, y)| {
            (x, y) == (column, row) && now.saturating_duration_since(at) <= DOUBLE_CLICK
        });
        // A third click begins anew.
        self.last_click = (!double).then_some((now, column, row));
        double
    }
}

/// A key as a chord. Releases are nothing; keys without a meaning here are nothing.
fn chord(key: KeyEvent) -> Option<Chord> {
    if key.is_release() {
        return None;
    }
    let pressed = match key.code {
        Code::Char(c) => Key::Char(c),
        Code::Enter => Key::Enter,
        Code::Esc => Key::Esc,
        Code::Tab | Code::BackTab => Key::Tab,
        Code::Backspace => Key::Backspace,
        Code::Delete => Key::Delete,
        Code::Insert => Key::Insert,
        Code::Home => Key::Home,
        Code::End => Key::End,
        Code::PageUp => Key::PageUp,
        Code::PageDown => Key::PageDown,
        Code::Up => Key::Up,
        Code::Down => Key::Down,
        Code::Left => Key::Left,
        Code::Right => Key::Right,
        Code::F(number) => Key::F(number),
        _ => return None,
    };
    let held = |modifier| key.modifiers.contains(modifier);
    // A character already says whether shift was held.
    let shift = held(KeyModifiers::SHIFT) && !matches!(pressed, Key::Char(_));
    Some(Chord {
        key: pressed,
        ctrl: held(KeyModifiers::CONTROL),
        alt: held(KeyModifiers::ALT),
        shift: shift || key.code == Code::BackTab,
    })
}

/// A paste as text: line ends as `\n`, other control characters gone.
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                clean.push('\n');
            }
            '\n' | '\t' => clean.push(c),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyEventKind;

    #[test]
    fn releases_are_no_keys_and_repeats_are() {
        let mut key = KeyEvent::new(Code::Char('j'), KeyModifiers::NONE);
        assert!(chord(key).is_some());
        key.kind = KeyEventKind::Repeat;
        assert!(chord(key).is_some());
        key.kind = KeyEventKind::Release;
        assert!(chord(key).is_none());
    }

    #[test]
    fn pastes_keep_lines_and_tabs_only() {
        assert_eq!(
            clean("a\r\nb\rc\nd\te\x1b[31m\u{9b}f"),
            "a\nb\nc\nd\te[31mf"
        );
    }

    #[test]
    fn two_quick_clicks_on_a_cell_are_a_double_click_and_three_are_not_two() {
        let mut input = Input::default();
        let start = Instant::now();
        assert!(!input.is_double(start, 1, 1));
        assert!(input.is_double(start, 1, 1));
        assert!(!input.is_double(start, 1, 1));
        assert!(!input.is_double(start, 2, 1));
        assert!(!input.is_double(start + DOUBLE_CLICK * 2, 2, 1));
    }
}
