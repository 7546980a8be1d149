//! A ratatui buffer → SVG: one `<text>` per run of one style with `textLength`, so columns stay
//! exact whatever the font; lines and corners are drawn as paths, so they always meet. Knows
//! nothing of how the buffer came to be.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::{Color, Modifier};

const CELL: (f64, f64) = (9.0, 20.0);
const MARGIN: f64 = 16.0;
/// Where a row's baseline is, from its top.
const BASELINE: f64 = 14.6;
const FONTS: &str = "'JetBrains Mono','DejaVu Sans Mono','WenQuanYi Micro Hei Mono',monospace";

/// What a terminal's user has chosen: the ground, the text, the sixteen colours.
pub struct Palette {
    background: &'static str,
    foreground: &'static str,
    colours: [&'static str; 16],
}

/// A dark terminal.
pub const DARK: Palette = Palette {
    background: "#14171c",
    foreground: "#d5d9e0",
    colours: [
        "#1d2128", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf",
        "#5c6370", "#ff7b86", "#b5e890", "#ffd68a", "#7cc4ff", "#dd8ff5", "#6fd6e3", "#ffffff",
    ],
};

/// A light one.
pub const LIGHT: Palette = Palette {
    background: "#fafafa",
    foreground: "#383a42",
    colours: [
        "#232530", "#ca1243", "#3f8f3c", "#c18401", "#3a6bd6", "#a626a4", "#0184bc", "#a0a1a7",
        "#696c77", "#e45649", "#50a14f", "#d19a66", "#4078f2", "#b751b6", "#0997b3", "#ffffff",
    ],
};

/// A cell's look, worked out.
#[derive(PartialEq, Clone)]
struct Ink {
    fore: String,
    back: Option<String>,
    bold: bool,
    italic: bool,
    underlined: bool,
}

/// The whole picture; `cursor` is drawn as a bar where it stands.
pub fn draw(buffer: &Buffer, cursor: Option<(u16, u16)>, palette: &Palette) -> String {
    let Palette {
        background,
        foreground,
        ..
    } = palette;
    let (columns, rows) = (f64::from(buffer.area.width), f64::from(buffer.area.height));
    let (width, height) = (
        columns * CELL.0 + 2.0 * MARGIN,
        rows * CELL.1 + 2.0 * MARGIN,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{FONTS}\" font-size=\"15\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{background}\"/>\n"
    );
    for y in 0..buffer.area.height {
        draw_row(&mut out, buffer, y, palette);
    }
    if let Some((x, y)) = cursor {
        let (left, top) = corner(x, y);
        let high = CELL.1;
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"2\" height=\"{high}\" fill=\"{foreground}\"/>"
        );
    }
    out.push_str("</svg>\n");
    out
}

fn corner(x: u16, y: u16) -> (f64, f64) {
    (
        MARGIN + f64::from(x) * CELL.0,
        MARGIN + f64::from(y) * CELL.1,
    )
}

fn draw_row(out: &mut String, buffer: &Buffer, y: u16, palette: &Palette) {
    let mut x = 0;
    let mut run = Run::default();
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let wide = cell.cell_width().max(1);
        let ink = ink(cell, palette);
        if let Some(back) = &ink.back {
            let (left, top) = corner(x, y);
            let (w, h) = (f64::from(wide) * CELL.0, CELL.1);
            let _ = writeln!(
                out,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{w}\" height=\"{h}\" fill=\"{back}\" shape-rendering=\"crispEdges\"/>"
            );
        }
        let path = line(cell.symbol());
        if wide > 1 || path.is_some() || run.ink.as_ref() != Some(&ink) {
            run.flush(out, y);
        }
        match path {
            Some(path) => draw_line(out, path, &ink, x, y),
            None => run.push(cell.symbol(), ink, x, wide),
        }
        if wide > 1 {
            run.flush(out, y);
        }
        x += wide;
    }
    run.flush(out, y);
}

/// Neighbouring cells of one look.
#[derive(Default)]
struct Run {
    text: String,
    ink: Option<Ink>,
    start: u16,
    cells: u16,
}

impl Run {
    fn push(&mut self, symbol: &str, ink: Ink, x: u16, wide: u16) {
        if self.ink.is_none() {
            self.start = x;
        }
        self.ink = Some(ink);
        self.text.push_str(symbol);
        self.cells += wide;
    }

    fn flush(&mut self, out: &mut String, y: u16) {
        let Run {
            text, ink, start, ..
        } = std::mem::take(self);
        let Some(ink) = ink else { return };
        let bare = text.trim_start_matches(' ');
        let skipped = u16::try_from(text.len() - bare.len()).unwrap_or(0);
        let bare = bare.trim_end_matches(' ');
        if bare.is_empty() && !ink.underlined {
            return;
        }
        let (bare, skipped) = if ink.underlined {
            (&*text, 0)
        } else {
            (bare, skipped)
        };
        let (left, top) = corner(start + skipped, y);
        let cells = f64::from(Buffer::with_lines([bare]).area.width);
        let escaped = bare
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let bold = if ink.bold { " font-weight=\"700\"" } else { "" };
        let italic = if ink.italic {
            " font-style=\"italic\""
        } else {
            ""
        };
        let under = if ink.underlined {
            " text-decoration=\"underline\""
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "<text x=\"{left}\" y=\"{:.1}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" \
             xml:space=\"preserve\" fill=\"{}\"{bold}{italic}{under}>{escaped}</text>",
            top + BASELINE,
            cells * CELL.0,
            ink.fore,
        );
    }
}

/// Which of a cell's four arms a line character has (left, right, up, down), whether its
/// corner is round, and whether it is heavy.
type Arms = ([bool; 4], bool, bool);

fn line(symbol: &str) -> Option<Arms> {
    let arms = |text: &str| ['l', 'r', 'u', 'd'].map(|arm| text.contains(arm));
    Some(match symbol {
        "─" => (arms("lr"), false, false),
        "│" => (arms("ud"), false, false),
        "┃" => (arms("ud"), false, true),
        "┬" => (arms("lrd"), false, false),
        "┴" => (arms("lru"), false, false),
        "├" => (arms("rud"), false, false),
        "┤" => (arms("lud"), false, false),
        "╭" => (arms("rd"), true, false),
        "╮" => (arms("ld"), true, false),
        "╰" => (arms("ru"), true, false),
        "╯" => (arms("lu"), true, false),
        _ => return None,
    })
}

fn draw_line(out: &mut String, (arms, round, heavy): Arms, ink: &Ink, x: u16, y: u16) {
    let (left, top) = corner(x, y);
    let (middle_x, middle_y) = (left + CELL.0 / 2.0, top + CELL.1 / 2.0);
    let ends = [
        (left, middle_y),
        (left + CELL.0, middle_y),
        (middle_x, top),
        (middle_x, top + CELL.1),
    ];
    let used: Vec<_> = ends
        .iter()
        .zip(arms)
        .filter(|(_, there)| *there)
        .map(|(end, _)| *end)
        .collect();
    let mut path = String::new();
    if let (true, [(from_x, from_y), (to_x, to_y)]) = (round, &used[..]) {
        let _ = write!(
            path,
            "M{from_x} {from_y}Q{middle_x} {middle_y} {to_x} {to_y}"
        );
    } else {
        for (to_x, to_y) in used {
            let _ = write!(path, "M{middle_x} {middle_y}L{to_x} {to_y}");
        }
    }
    let wide = if heavy { 3.0 } else { 1.0 };
    let _ = writeln!(
        out,
        "<path d=\"{path}\" stroke=\"{}\" stroke-width=\"{wide}\" fill=\"none\"/>",
        ink.fore
    );
}

fn ink(cell: &Cell, palette: &Palette) -> Ink {
    let mut fore = colour(cell.fg, palette)
        .unwrap_or(palette.foreground)
        .to_owned();
    let mut back = colour(cell.bg, palette).map(str::to_owned);
    if cell.modifier.contains(Modifier::DIM) {
        fore = mix(&fore, back.as_deref().unwrap_or(palette.background));
    }
    if cell.modifier.contains(Modifier::REVERSED) {
        let below = back.unwrap_or_else(|| palette.background.to_owned());
        back = Some(std::mem::replace(&mut fore, below));
    }
    Ink {
        fore,
        back,
        bold: cell.modifier.contains(Modifier::BOLD),
        italic: cell.modifier.contains(Modifier::ITALIC),
        underlined: cell.modifier.contains(Modifier::UNDERLINED),
    }
}

/// What DIM does to a colour.
fn mix(fore: &str, back: &str) -> String {
    let parts = |text: &str| -> [u32; 3] {
        let number = u32::from_str_radix(&text[1..], 16).expect("a colour of ours");
        [number >> 16, number >> 8 & 255, number & 255]
    };
    let (fore, back) = (parts(fore), parts(back));
    let mixed: Vec<String> = (0..3)
        .map(|at| format!("{:02x}", (fore[at] * 58 + back[at] * 42) / 100))
        .collect();
    format!("#{}", mixed.concat())
}

fn colour(colour: Color, palette: &Palette) -> Option<&'static str> {
    let index = match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        _ => return None,
    };
    Some(palette.colours[index])
}
