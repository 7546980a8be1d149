//! What the explorer looks like: [`view`] draws it, [`layout`] says where things are, [`hit`]
//! what a click was on. Nothing here remembers or decides anything.
//!
//! It knows cells, styles and glyphs. It refuses to know servers, keys' meanings and clocks.
//!
//! ```text
//! ─ znodes ──────────────── 37 rows ─┬─ /services/orders ─────────────────────────  titles
//! › ▾ services             d       4 │ czxid      0x200000003   version     4
//!     ▸ orders             d      12 ┃ ...                                          stat
//!       worker-0000000007   s        ┃ acl        cdrwa  world:anyone               acl
//!                                    │─ data ──────────────────────── JSON, 212 B ─
//!   tree                             │ {                                            decode
//!                                    │   "host": "10.0.0.7"           ╭───────────╮
//!                                    │ }                              │ saved     │ toast
//!  CONNECTED  zk1:2181 · ZooKeeper 3.9.4 · session 0x100… · timeout 10 s · ping 1 ms status
//!  ? help  / filter  : palette  e edit  n create  d delete  q quit                  hints
//! ```
//!
//! Popups (editor, conflict, form, ask, palette, help) lie over the panes.

mod acl;
mod ask;
mod conflict;
mod detail;
mod editor;
mod form;
mod help;
mod hints;
mod hit;
mod input;
mod layout;
mod look;
mod palette;
mod pen;
mod popup;
mod scrollbar;
mod stat;
mod status;
mod theme;
mod titles;
mod toast;
mod too_small;
mod tree;
mod units;
mod words;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

pub use hit::hit;
pub use layout::{Regions, layout, viewport};
pub use look::Look;
pub use theme::{Role, Theme, ThemeError};

use crate::explorer::{Dialog, Explorer, Focus, Now, Phase};
use pen::Pen;

/// Draws a frame, and puts the terminal's cursor where text is typed.
pub fn view(explorer: &Explorer, look: &Look, now: Now, frame: &mut Frame) {
    if let Some(cursor) = paint(explorer, look, now, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws into a buffer and returns where the cursor stands, if anywhere.
pub fn paint(explorer: &Explorer, look: &Look, now: Now, buffer: &mut Buffer) -> Option<Position> {
    let screen = buffer.area;
    let regions = layout(screen, explorer.focus() == Focus::Detail);
    let mut pen = Pen::new(buffer, look);
    if regions.too_small {
        too_small::draw(&mut pen, screen, !explorer.unsaved().is_empty());
        return None;
    }
    titles::draw(&mut pen, &regions, explorer);
    tree::draw(&mut pen, &regions, explorer);
    detail::draw(&mut pen, &regions, explorer, now);
    status::draw(&mut pen, regions.status, explorer);
    let cursor = hints::draw(&mut pen, regions.hints, explorer);
    let mut popup_cursor = None;
    if !explorer.dialogs().is_empty() {
        pen.tint(regions.popups(), Role::Behind);
    }
    for dialog in explorer.dialogs() {
        popup_cursor = draw_dialog(&mut pen, &regions, explorer, dialog);
    }
    // Above the popups: what became of a save is said while its editor is still open.
    toast::draw(&mut pen, regions.body, explorer);
    if explorer.dialogs().is_empty() {
        cursor
    } else {
        popup_cursor
    }
}

fn draw_dialog(
    pen: &mut Pen,
    regions: &Regions,
    explorer: &Explorer,
    dialog: &Dialog,
) -> Option<Position> {
    let body = regions.popups();
    match dialog {
        Dialog::Help { scroll } => help::draw(pen, body, explorer, *scroll),
        Dialog::Palette(palette) => return palette::draw(pen, body, palette, explorer),
        Dialog::GoTo(go_to) => return ask::go_to(pen, body, go_to, &explorer.hints()),
        Dialog::Create(form) => return form::draw(pen, body, form, &explorer.hints()),
        Dialog::Delete(deletion) => {
            return ask::deletion(pen, body, deletion, &explorer.hints());
        }
        Dialog::Quit { unsaved } => ask::quit(pen, body, unsaved, &explorer.hints()),
        Dialog::Editor(editor) if editor.is_leaving() => {
            editor::draw(pen, body, editor);
            ask::leave(pen, body, editor.path(), &explorer.hints());
        }
        Dialog::Editor(editor) => match editor.phase() {
            Phase::Conflict(conflict) => conflict::draw(pen, body, editor, conflict),
            Phase::Vanished => {
                editor::draw(pen, body, editor);
                ask::vanished(pen, body, editor.path(), &explorer.hints());
            }
            _ => return editor::draw(pen, body, editor),
        },
    }
    None
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
