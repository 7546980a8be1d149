//! The popup that creates a znode: two lines to fill in, three answers, and what comes of it.

use ratatui::layout::{Position, Rect};

use super::pen::Pen;
use super::theme::Role;
use super::{hints, input, popup, words};
use crate::explorer::{Field, Form, Hint};

/// Cells before a field: a pointer, its label.
const LABEL: u16 = 14;

/// The box on this screen.
pub(super) fn area(screen: Rect) -> Rect {
    popup::centred(screen, 72, 12)
}

/// Where the fields are, in the order of [`Field::ALL`].
pub(super) fn rows(screen: Rect) -> impl Iterator<Item = Rect> {
    popup::inside(area(screen)).rows().take(Field::ALL.len())
}

/// Draws the popup and returns where the cursor stands.
pub(super) fn draw(pen: &mut Pen, screen: Rect, form: &Form, hints: &[Hint]) -> Option<Position> {
    let title = format!("create below {}", form.parent);
    let inside = popup::frame(pen, area(screen), &title, "", Role::TitleFocused);
    let mut cursor = None;
    for (field, row) in Field::ALL.into_iter().zip(rows(screen)) {
        cursor = cursor.or(draw_field(pen, row, form, field));
    }
    let below = Rect {
        y: inside.y.saturating_add(6),
        height: inside.height.saturating_sub(7),
        ..inside
    };
    let bottom = inside.rows().next_back().unwrap_or_default();
    if below.is_empty() && (form.error.is_some() || form.ticket.is_some()) {
        // The smallest screens have a row for one of the two.
        draw_outcome(pen, bottom, form);
    } else {
        draw_outcome(pen, below, form);
        hints::list(pen, bottom, hints);
    }
    cursor.filter(|_| form.ticket.is_none())
}

fn draw_field(pen: &mut Pen, area: Rect, form: &Form, field: Field) -> Option<Position> {
    let chosen = form.field == field;
    let (label, answer, doc) = match field {
        Field::Name => ("name", None, ""),
        Field::Data => ("data", None, ""),
        Field::Ephemeral => ("ephemeral", Some(form.ephemeral), "goes with this session"),
        Field::Sequential => (
            "sequential",
            Some(form.sequential),
            "the server appends a number",
        ),
        Field::Parents => ("parents", Some(form.parents), "make missing ones too"),
    };
    let pointer = if chosen { pen.glyphs().pointer } else { " " };
    let mut line = pen.row(area);
    let width = line.room();
    line.put(pointer, Role::Chord).skip(1);
    line.put(label, if chosen { Role::Title } else { Role::Text });
    line.skip_to(width, usize::from(LABEL));
    if let Some(yes) = answer {
        line.put(if yes { "[x] yes" } else { "[ ] no " }, Role::Text);
        line.skip(2).put(doc, Role::Dim);
        return None;
    }
    let place = Rect {
        x: area.x.saturating_add(LABEL),
        width: area.width.saturating_sub(LABEL),
        ..area
    };
    let text = if field == Field::Name {
        &form.name
    } else {
        &form.data
    };
    input::draw(pen, place, text, Role::Text).filter(|_| chosen)
}

/// What is wrong, what is under way, or the path that would be created.
fn draw_outcome(pen: &mut Pen, area: Rect, form: &Form) {
    let (text, role) = match (&form.error, form.ticket, form.path()) {
        (_, Some(_), _) if !form.leaving => ("creating".to_owned(), Role::Caution),
        (Some(error), ..) => (error.clone(), Role::Caution),
        (None, Some(_), _) => ("creating".to_owned(), Role::Caution),
        (None, None, Ok(path)) => {
            let number = if form.sequential { "<number>" } else { "" };
            (format!("creates {path}{number}"), Role::Dim)
        }
        (None, None, Err(_)) if form.name.is_empty() => (String::new(), Role::Dim),
        (None, None, Err(why)) => (why, Role::Dim),
    };
    let lines = words::wrap(&text, usize::from(area.width), pen.look().charset);
    for (line, row) in lines.iter().zip(area.rows()) {
        pen.line(row, line, role);
    }
}
