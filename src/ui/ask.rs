//! Small popups that tell something and ask one thing: delete, quit, go to a path, leave the
//! editor.

use ratatui::layout::{Position, Rect};

use super::pen::{Pen, cells};
use super::theme::Role;
use super::{hints, input, popup, units, words};
use crate::decode::bytes_in_words;
use crate::explorer::{Deletion, GoTo, Hint, Input, Step};
use crate::proto::{Stat, ZPath};

/// A popup's content.
struct Question<'a> {
    title: String,
    role: Role,
    lines: Vec<(String, Role)>,
    input: Option<&'a Input>,
    hints: &'a [Hint],
}

/// Asks about a delete.
pub(super) fn deletion(
    pen: &mut Pen,
    screen: Rect,
    deletion: &Deletion,
    hints: &[Hint],
) -> Option<Position> {
    let mut question = Question {
        title: format!("delete {}", deletion.path),
        role: Role::Bad,
        lines: Vec::new(),
        input: None,
        hints,
    };
    let lines = &mut question.lines;
    match &deletion.step {
        Step::Reading(_) => lines.push(("reading what would go".to_owned(), Role::Dim)),
        Step::Asking(stat) => {
            lines.push((what_goes(stat), Role::Text));
            lines.push((
                "Delete it? It can't be brought back.".to_owned(),
                Role::Title,
            ));
        }
        Step::Naming(stat, input) => {
            lines.push((what_goes(stat), Role::Text));
            let all = "All that is below it goes too, and can't be brought back.";
            lines.push((all.to_owned(), Role::Bad));
            let word = deletion.word();
            lines.push((
                format!("To delete it with all below, type its name: {word}"),
                Role::Title,
            ));
            question.input = Some(input);
        }
        Step::Running { tree, deleted, .. } => {
            let count = units::count(*deleted);
            let text = if *tree {
                format!("deleting, {count} gone so far")
            } else {
                "deleting".to_owned()
            };
            lines.push((text, Role::Caution));
        }
    }
    let notice = deletion.notice.iter();
    question
        .lines
        .extend(notice.map(|notice| (notice.clone(), Role::Caution)));
    ask(pen, screen, &question)
}

/// Asks whether to quit with texts unsaved.
pub(super) fn quit(pen: &mut Pen, screen: Rect, unsaved: &[String], hints: &[Hint]) {
    let mut lines = vec![("This would be lost:".to_owned(), Role::Text)];
    lines.extend(
        unsaved
            .iter()
            .map(|text| (format!("  {text}"), Role::Title)),
    );
    ask(
        pen,
        screen,
        &Question {
            title: "quit".to_owned(),
            role: Role::Bad,
            lines,
            input: None,
            hints,
        },
    );
}

/// Asks for a path to go to.
pub(super) fn go_to(pen: &mut Pen, screen: Rect, go_to: &GoTo, hints: &[Hint]) -> Option<Position> {
    let error = go_to.error.iter();
    ask(
        pen,
        screen,
        &Question {
            title: "go to a path".to_owned(),
            role: Role::TitleFocused,
            lines: error.map(|error| (error.clone(), Role::Caution)).collect(),
            input: Some(&go_to.input),
            hints,
        },
    )
}

/// Asks whether to leave the editor with its text unsaved.
pub(super) fn leave(pen: &mut Pen, screen: Rect, path: &ZPath, hints: &[Hint]) {
    ask(
        pen,
        screen,
        &Question {
            title: "not saved".to_owned(),
            role: Role::Bad,
            lines: vec![(format!("The text of {path} is not saved."), Role::Text)],
            input: None,
            hints,
        },
    );
}

/// Says that the znode is gone while its text is edited.
pub(super) fn vanished(pen: &mut Pen, screen: Rect, path: &ZPath, hints: &[Hint]) {
    ask(
        pen,
        screen,
        &Question {
            title: "gone".to_owned(),
            role: Role::Bad,
            lines: vec![(
                format!("{path} was deleted meanwhile. Your text is not lost."),
                Role::Text,
            )],
            input: None,
            hints,
        },
    );
}

fn what_goes(stat: &Stat) -> String {
    let children = match stat.num_children {
        0 => "no children".to_owned(),
        1 => "1 child".to_owned(),
        more => format!(
            "{} children",
            units::count(u64::try_from(more).unwrap_or(0))
        ),
    };
    let bytes = bytes_in_words(usize::try_from(stat.data_length).unwrap_or(0));
    let version = stat.version;
    format!("It has {children}, {bytes} of data, version {version}.")
}

fn ask(pen: &mut Pen, screen: Rect, question: &Question) -> Option<Position> {
    let width = screen.width.min(68);
    let room = usize::from(width.saturating_sub(4));
    let wrapped: Vec<(String, Role)> = question
        .lines
        .iter()
        .flat_map(|(text, role)| {
            words::wrap(text, room, pen.look().charset)
                .into_iter()
                .map(|line| (line, *role))
        })
        .collect();
    let input_rows = 2 * usize::from(question.input.is_some());
    let height = wrapped.len() + input_rows + 2 + 2;
    let area = popup::centred(screen, width, cells(height));
    let inside = popup::frame(pen, area, &question.title, "", question.role);
    let mut rows = inside.rows();
    hints::list(pen, rows.next_back()?, question.hints);
    let mut cursor = None;
    let mut room = usize::from(inside.height).saturating_sub(1);
    if let Some(input) = question.input {
        room = room.saturating_sub(1);
        if room > wrapped.len() {
            rows.next_back();
        }
        cursor = rows
            .next_back()
            .and_then(|row| input::draw(pen, row, input, Role::Text));
    }
    // Where not all fits, the question itself does: it comes last.
    let first = wrapped.len().saturating_sub(room);
    for ((line, role), row) in wrapped.iter().skip(first).zip(rows) {
        pen.line(row, line, *role);
    }
    cursor
}
