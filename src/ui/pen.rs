//! The one hand that writes into the buffer. All text goes through `text` here, whoever made
//! it, so nothing from outside can reach a cell unescaped; and nothing is ever written outside
//! of the buffer, whatever the size.

use std::borrow::Cow;
use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::look::{Glyphs, Look};
use super::theme::Role;
use crate::text;

/// A count of cells as coordinates have it. More than fit on any screen is all there is.
pub(super) fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// Writes into a buffer in a look.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    look: &'a Look,
}

impl<'a> Pen<'a> {
    pub const fn new(buffer: &'a mut Buffer, look: &'a Look) -> Self {
        Self { buffer, look }
    }

    pub const fn look(&self) -> &'a Look {
        self.look
    }

    pub const fn glyphs(&self) -> &'static Glyphs {
        self.look.glyphs()
    }

    /// A pen for one row of cells, from its left.
    pub fn row(&mut self, area: Rect) -> RowPen<'_, 'a> {
        let area = area.intersection(self.buffer.area);
        RowPen {
            x: area.x,
            y: area.y,
            end: if area.height == 0 {
                area.x
            } else {
                area.right()
            },
            pen: self,
        }
    }

    /// A line of text in a row of cells, cut off at its end.
    pub fn line(&mut self, area: Rect, text: &str, role: Role) {
        self.row(area).put(text, role);
    }

    /// Blanks an area: what was drawn there before is covered.
    pub fn blank(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }

    /// Puts a style on all cells of an area, over the styles that are there.
    pub fn tint(&mut self, area: Rect, role: Role) {
        self.buffer.set_style(area, self.look.style(role));
    }

    /// Gives all cells of an area this style in place of their own.
    pub fn cover(&mut self, area: Rect, role: Role) {
        let style = Style::reset().patch(self.look.style(role));
        self.buffer.set_style(area, style);
    }

    /// The same glyph in all cells of an area.
    pub fn repeat(&mut self, area: Rect, glyph: &str, role: Role) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            self.glyph(position, glyph, role);
        }
    }

    /// One glyph of one cell.
    pub fn glyph(&mut self, position: impl Into<Position>, glyph: &str, role: Role) {
        let style = self.look.style(role);
        if let Some(cell) = self.buffer.cell_mut(position) {
            cell.set_symbol(glyph).set_style(style);
        }
    }

    /// The text as it will be shown.
    pub fn safe<'t>(&self, text: &'t str) -> Cow<'t, str> {
        text::shown(text, self.look.charset)
    }
}

/// Writes one row from left to right, and knows what room is left.
pub(super) struct RowPen<'p, 'a> {
    pen: &'p mut Pen<'a>,
    x: u16,
    y: u16,
    end: u16,
}

impl RowPen<'_, '_> {
    /// Cells left.
    pub fn room(&self) -> usize {
        usize::from(self.end - self.x)
    }

    /// Text, cut off with an ellipsis where the room ends.
    pub fn put(&mut self, text: &str, role: Role) -> &mut Self {
        let style = self.pen.look.style(role);
        self.styled(text, style)
    }

    /// Text in a style of its own.
    pub fn styled(&mut self, text: &str, style: Style) -> &mut Self {
        let safe = self.pen.safe(text);
        let shown = text::truncate(&safe, self.room(), self.pen.glyphs().ellipsis);
        self.write(&shown, style);
        self
    }

    /// A path, cut in its middle so that it leaves `keep` cells.
    pub fn path(&mut self, path: &str, keep: usize, role: Role) -> &mut Self {
        let safe = self.pen.safe(path);
        let room = self.room().saturating_sub(keep);
        let shown = text::truncate_middle(&safe, room, self.pen.glyphs().ellipsis);
        self.write(&shown, self.pen.look.style(role));
        self
    }

    /// Text cut off so that it leaves `keep` cells.
    pub fn short(&mut self, text: &str, keep: usize, role: Role) -> &mut Self {
        let safe = self.pen.safe(text);
        let room = self.room().saturating_sub(keep);
        let shown = text::truncate(&safe, room, self.pen.glyphs().ellipsis);
        self.write(&shown, self.pen.look.style(role));
        self
    }

    /// So many cells left as they are.
    pub fn skip(&mut self, count: usize) -> &mut Self {
        self.x += cells(count.min(self.room()));
        self
    }

    /// Goes to the column `stop` of a row that had `width` cells, unless it is there already.
    pub fn skip_to(&mut self, width: usize, stop: usize) -> &mut Self {
        let used = width - self.room().min(width);
        self.skip(stop.saturating_sub(used))
    }

    /// A glyph repeated until `keep` cells are left.
    pub fn rule(&mut self, glyph: &str, keep: usize, role: Role) -> &mut Self {
        let count = self.room().saturating_sub(keep);
        let style = self.pen.look.style(role);
        self.write(&glyph.repeat(count), style);
        self
    }

    /// Text at the row's right end, if there is room for all of it.
    pub fn right(&mut self, text: &str, role: Role) -> &mut Self {
        let safe = self.pen.safe(text).into_owned();
        let cells = text::width(&safe);
        if cells <= self.room() {
            self.skip(self.room() - cells);
            self.write(&safe, self.pen.look.style(role));
        }
        self
    }

    /// Writes what is safe already, as far as there is room.
    fn write(&mut self, safe: &str, style: Style) {
        for grapheme in safe.graphemes(true) {
            let wide = cells(text::grapheme_cells(grapheme));
            if wide == 0 || wide > self.end - self.x {
                return;
            }
            if let Some(cell) = self.pen.buffer.cell_mut((self.x, self.y)) {
                cell.set_symbol(grapheme).set_style(style);
                // ratatui counts these marks twice, and would skip the cell behind them.
                if grapheme.contains(['\u{ff9e}', '\u{ff9f}']) {
                    let width = NonZeroU16::new(wide).unwrap_or(NonZeroU16::MIN);
                    cell.set_diff_option(CellDiffOption::ForcedWidth(width));
                }
            }
            for covered in 1..wide {
                if let Some(cell) = self.pen.buffer.cell_mut((self.x + covered, self.y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
            self.x += wide;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Charset;
    use crate::ui::Theme;
    use jiff::tz::TimeZone;

    fn look(charset: Charset) -> Look {
        let theme = Theme::named("mono").expect("built in");
        Look::new(theme, charset, TimeZone::UTC)
    }

    fn written(charset: Charset, width: u16, write: impl FnOnce(&mut RowPen)) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let area = buffer.area;
        let look = look(charset);
        write(&mut Pen::new(&mut buffer, &look).row(area));
        (0..width).map(|x| buffer[(x, 0)].symbol()).collect()
    }

    #[test]
    fn wide_and_hostile_text_keeps_its_columns() {
        assert_eq!(
            written(Charset::Unicode, 6, |row| {
                row.put("日本語", Role::Text).put("x", Role::Text);
            }),
            "日 本 語 "
        );
        assert_eq!(
            written(Charset::Unicode, 6, |row| {
                row.put("日本語x", Role::Text);
            }),
            "日 本 … "
        );
        assert_eq!(
            written(Charset::Unicode, 8, |row| {
                row.put("\x1b[31m", Role::Text);
            }),
            "\\x1b[31m"
        );
        assert_eq!(
            written(Charset::Unicode, 8, |row| {
                row.put("a\u{202e}b", Role::Text);
            }),
            "a\\u{202…"
        );
        assert_eq!(
            written(Charset::Ascii, 9, |row| {
                row.put("é", Role::Text).put("日本", Role::Text);
            }),
            "\\xe9\\u{6~"
        );
    }

    #[test]
    fn rows_have_a_left_and_a_right() {
        assert_eq!(
            written(Charset::Unicode, 8, |row| {
                row.put("ab", Role::Text).right("12", Role::Text);
            }),
            "ab    12"
        );
        assert_eq!(
            written(Charset::Unicode, 3, |row| {
                row.put("ab", Role::Text).right("12", Role::Text);
            }),
            "ab "
        );
        assert_eq!(
            written(Charset::Unicode, 6, |row| {
                row.put("a", Role::Text)
                    .rule("─", 2, Role::Text)
                    .put("b", Role::Text);
            }),
            "a───b "
        );
        assert_eq!(
            written(Charset::Unicode, 9, |row| {
                row.path("/abcdef/gh", 1, Role::Text);
            }),
            "/a…ef/gh "
        );
    }

    #[test]
    fn outside_of_the_buffer_nothing_is_written() {
        let look = look(Charset::Unicode);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let mut pen = Pen::new(&mut buffer, &look);
        pen.line(Rect::new(2, 0, 90, 1), "abcdef", Role::Text);
        pen.line(Rect::new(0, 7, 4, 1), "below", Role::Text);
        pen.blank(Rect::new(3, 0, 9, 9));
        pen.glyph((9, 9), "x", Role::Text);
        assert_eq!(buffer, Buffer::with_lines(["  a "]));
    }

    #[test]
    fn halfwidth_voicing_marks_take_one_cell_on_the_terminal_too() {
        use ratatui::Terminal;
        use ratatui::backend::TestBackend;
        let look = look(Charset::Unicode);
        let mut terminal = Terminal::new(TestBackend::new(6, 1)).expect("a terminal");
        let draw = |frame: &mut ratatui::Frame| {
            let area = frame.area();
            Pen::new(frame.buffer_mut(), &look).line(area, "ｶﾞｷab", Role::Text);
        };
        terminal.draw(draw).expect("drawn");
        let shown = terminal.backend().buffer();
        let symbols: Vec<_> = (0..6).map(|x| shown[(x, 0)].symbol()).collect();
        assert_eq!(symbols, ["ｶﾞ", " ", "ｷ", "a", "b", " "]);
    }
}
