//! How everything looks that isn't said by the explorer: the theme, the glyphs, the time zone.
//! Decided once when the program starts, and never asked of the environment here.

use jiff::tz::TimeZone;
use ratatui::style::Style;

use super::theme::{Role, Theme};
use crate::text::Charset;

/// What a view needs beside the explorer.
#[derive(Debug, Clone)]
pub struct Look {
    /// A style for each meaning.
    pub theme: Theme,
    /// What the terminal is trusted with.
    pub charset: Charset,
    /// Where local time is.
    pub zone: TimeZone,
}

/// The characters that frame and mark things: one cell each, none of them an emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyphs {
    /// A horizontal rule.
    pub rule: &'static str,
    /// A vertical rule.
    pub bar: &'static str,
    /// Where a vertical rule hangs from a horizontal one.
    pub tee: &'static str,
    /// Where a horizontal rule begins at a vertical one.
    pub branch: &'static str,
    /// A box's corners: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// Before an open znode.
    pub open: &'static str,
    /// Before a closed one that has children.
    pub closed: &'static str,
    /// Before a selected entry of a list, so that a selection isn't only a style.
    pub pointer: &'static str,
    /// At the end of what was cut off.
    pub ellipsis: &'static str,
    /// Between words of one line.
    pub dot: &'static str,
    /// A part of a scroll bar that stands for what is shown.
    pub thumb: &'static str,
    /// Before a row that goes on with the row above.
    pub wrap: &'static str,
    /// Scroll hints.
    pub up: &'static str,
    /// Scroll hints.
    pub down: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    rule: "─",
    bar: "│",
    tee: "┬",
    branch: "├",
    corners: ["╭", "╮", "╰", "╯"],
    open: "▾",
    closed: "▸",
    pointer: "›",
    ellipsis: "…",
    dot: "·",
    thumb: "┃",
    wrap: "↳",
    up: "↑",
    down: "↓",
};

const ASCII: Glyphs = Glyphs {
    rule: "-",
    bar: "|",
    tee: "+",
    branch: "+",
    corners: ["+", "+", "+", "+"],
    open: "-",
    closed: "+",
    pointer: ">",
    ellipsis: "~",
    dot: "-",
    thumb: "#",
    wrap: "\\",
    up: "^",
    down: "v",
};

impl Look {
    /// A look with all that can be chosen.
    pub const fn new(theme: Theme, charset: Charset, zone: TimeZone) -> Self {
        Self {
            theme,
            charset,
            zone,
        }
    }

    /// What this meaning looks like.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    pub(super) const fn glyphs(&self) -> &'static Glyphs {
        match self.charset {
            Charset::Unicode => &UNICODE,
            Charset::Ascii => &ASCII,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn every_glyph_is_one_cell_on_every_terminal() {
        for glyphs in [UNICODE, ASCII] {
            let Glyphs {
                rule,
                bar,
                tee,
                branch,
                corners,
                open,
                closed,
                pointer,
                ..
            } = glyphs;
            let Glyphs {
                ellipsis,
                dot,
                thumb,
                wrap,
                up,
                down,
                ..
            } = glyphs;
            let single = [rule, bar, tee, branch, open, closed, pointer];
            let more = [ellipsis, dot, thumb, wrap, up, down];
            for glyph in single.iter().chain(&more).chain(&corners) {
                assert_eq!(text::width(glyph), 1, "{glyph}");
                assert_eq!(&*text::safe(glyph), *glyph);
            }
        }
        assert!(ASCII.ellipsis.is_ascii() && ASCII.corners.iter().all(|corner| corner.is_ascii()));
    }
}
