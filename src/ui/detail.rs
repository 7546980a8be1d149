//! The detail pane: the selected znode's Stat, ACL and data as one list of rows that scrolls
//! as a whole. Only the rows on the screen are made.

use ratatui::layout::Rect;

use super::layout::Regions;
use super::pen::{Pen, cells};
use super::stat::Sheet;
use super::theme::Role;
use super::{acl, scrollbar, words};
use crate::decode::{Decoded, Kind, Token, bytes_in_words};
use crate::explorer::{Explorer, Failure, Now, Shown, Value};

/// Draws what is shown of the selected znode.
pub(super) fn draw(pen: &mut Pen, regions: &Regions, explorer: &Explorer, now: Now) {
    let area = regions.detail_text();
    if area.is_empty() {
        return;
    }
    let Some(shown) = explorer.detail().shown() else {
        pen.line(area, "loading", Role::Dim);
        return;
    };
    match &shown.value {
        Ok(value) => draw_value(pen, regions, explorer, (shown, value), now),
        Err(failure) => draw_failure(pen, area, failure),
    }
    if explorer.is_detail_stale() {
        pen.tint(regions.detail, Role::Stale);
    }
}

/// What a pane's title says of the data: what it is and how long.
pub(super) fn summary(value: &Value) -> String {
    let decoded = &value.decoded;
    match decoded.kind() {
        Kind::Null | Kind::Empty => decoded.summary(),
        _ => format!(
            "{}, {}",
            decoded.summary(),
            bytes_in_words(decoded.stored_len())
        ),
    }
}

fn draw_value(
    pen: &mut Pen,
    regions: &Regions,
    explorer: &Explorer,
    (shown, value): (&Shown, &Value),
    now: Now,
) {
    let area = regions.detail_text();
    let session = explorer.session().id;
    let zone = &pen.look().zone;
    let sheet = Sheet::new(
        &value.stat,
        regions.stat_pairs(),
        session,
        now.wall_ms,
        zone,
    );
    let acl = acl::rows(&shown.acl);
    let stat_rows = usize::from(regions.stat_rows());
    let rule = stat_rows + acl.len();
    let before = rule + 1;
    let all = before
        + value
            .decoded
            .row_count(usize::from(area.width), pen.look().charset);
    // The data may have become shorter since the pane was scrolled.
    let last = all.saturating_sub(usize::from(area.height));
    let scroll = explorer.detail().scroll().min(last);
    for (row, place) in (scroll..before).zip(area.rows()) {
        if row < stat_rows {
            sheet.draw(pen, place, row);
        } else if row < rule {
            acl::draw(pen, place, &acl[row - stat_rows]);
        } else {
            draw_rule(
                pen,
                Rect {
                    x: regions.detail.x,
                    width: regions.detail.width,
                    ..place
                },
                value,
            );
        }
    }
    let taken = cells(before.saturating_sub(scroll));
    let rest = Rect {
        y: area.y.saturating_add(taken),
        height: area.height.saturating_sub(taken),
        ..area
    };
    draw_data(pen, rest, &value.decoded, scroll.saturating_sub(before));
    let track = Rect {
        x: regions.detail.right() - 1,
        width: 1,
        ..area
    };
    scrollbar::draw(pen, track, scroll, usize::from(area.height), all);
}

fn draw_rule(pen: &mut Pen, area: Rect, value: &Value) {
    let rule = pen.glyphs().rule;
    if let Some(x) = area.x.checked_sub(1) {
        pen.glyph((x, area.y), pen.glyphs().branch, Role::Rule);
    }
    let mut row = pen.row(area);
    row.put(rule, Role::Rule).put(" data ", Role::Title);
    let summary = summary(value);
    let tail = summary.len() + 3;
    row.rule(rule, tail, Role::Rule).put(" ", Role::Rule);
    row.short(&summary, 2, Role::Dim)
        .put(" ", Role::Rule)
        .put(rule, Role::Rule);
}

fn draw_data(pen: &mut Pen, area: Rect, decoded: &Decoded, first: usize) {
    match decoded.kind() {
        Kind::Null => pen.line(area, "null: it has no data, not even empty data", Role::Dim),
        Kind::Empty => pen.line(area, "empty: zero bytes", Role::Dim),
        Kind::Json | Kind::Text | Kind::Binary => {
            let window = first..first + usize::from(area.height);
            let rows = decoded.rows(window, usize::from(area.width), pen.look().charset);
            let wrap = pen.glyphs().wrap;
            for (row, place) in rows.iter().zip(area.rows()) {
                if row.continued && place.x > 0 {
                    pen.glyph((place.x - 1, place.y), wrap, Role::Dim);
                }
                let mut line = pen.row(place);
                for piece in &row.pieces {
                    line.put(&piece.text, role(piece.token));
                }
            }
        }
    }
}

const fn role(token: Token) -> Role {
    match token {
        Token::Plain => Role::Text,
        Token::Key => Role::Key,
        Token::String => Role::String,
        Token::Number => Role::Number,
        Token::Literal => Role::Literal,
        Token::Punctuation => Role::Punctuation,
        Token::Offset => Role::Offset,
        Token::Hex => Role::Hex,
        Token::Zero => Role::Zero,
    }
}

fn draw_failure(pen: &mut Pen, area: Rect, failure: &Failure) {
    let lines = words::wrap(&failure.text, usize::from(area.width), pen.look().charset);
    for (line, place) in lines.iter().zip(area.rows()) {
        pen.line(place, line, Role::Caution);
    }
}
