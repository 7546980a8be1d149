//! A znode's Stat: the eleven fields by ZooKeeper's own names, the short ones two in a row
//! where the pane is wide enough.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use super::units;
use crate::decode::bytes_in_words;
use crate::proto::Stat;

/// Between the columns.
const GAP: usize = 3;

struct Field {
    name: &'static str,
    value: String,
    note: String,
}

/// A Stat laid out in rows of one or two fields.
pub(super) struct Sheet {
    rows: Vec<Vec<Field>>,
    /// Where the values of the first column begin, where the second column begins, and its
    /// values.
    stops: [usize; 3],
}

impl Sheet {
    /// Lays a Stat out in pairs, or in one column; `own_session` is told apart as an owner.
    pub fn new(stat: &Stat, pairs: bool, own_session: i64, now_ms: i64, zone: &TimeZone) -> Self {
        let [czxid, mzxid, pzxid] = [
            ("czxid", stat.czxid),
            ("mzxid", stat.mzxid),
            ("pzxid", stat.pzxid),
        ]
        .map(|(name, id)| field(name, units::hex(id), ""));
        let [ctime, mtime] = [("ctime", stat.ctime), ("mtime", stat.mtime)]
            .map(|(name, ms)| field(name, units::local_time(ms, zone), &units::age(ms, now_ms)));
        let [version, cversion, aversion, children] = [
            ("version", stat.version),
            ("cversion", stat.cversion),
            ("aversion", stat.aversion),
            ("numChildren", stat.num_children),
        ]
        .map(|(name, number)| field(name, number.to_string(), ""));
        let is_ours = stat.is_ephemeral() && stat.ephemeral_owner == own_session;
        let note = if is_ours { "ours" } else { "" };
        let owner = field("ephemeralOwner", units::hex(stat.ephemeral_owner), note);
        let length = stat.data_length.to_string();
        let words = match usize::try_from(stat.data_length) {
            Ok(bytes) if bytes >= 1024 && !pairs => bytes_in_words(bytes),
            _ => String::new(),
        };
        let length = field("dataLength", length, &words);
        let rows = if pairs {
            vec![
                vec![czxid, version],
                vec![mzxid, cversion],
                vec![pzxid, aversion],
                vec![length, children],
                vec![ctime],
                vec![mtime],
                vec![owner],
            ]
        } else {
            let all = [czxid, mzxid, ctime, mtime, version, cversion, aversion];
            let rest = [owner, length, children, pzxid];
            all.into_iter()
                .chain(rest)
                .map(|field| vec![field])
                .collect()
        };
        Self {
            stops: stops(&rows),
            rows,
        }
    }

    /// Draws one of its rows.
    pub fn draw(&self, pen: &mut Pen, area: Rect, row: usize) {
        let Some(fields) = self.rows.get(row) else {
            return;
        };
        let [value, second, second_value] = self.stops;
        let mut line = pen.row(area);
        let width = line.room();
        for (field, stops) in fields.iter().zip([[0, value], [second, second_value]]) {
            line.skip_to(width, stops[0]).put(field.name, Role::Dim);
            line.skip_to(width, stops[1]).put(&field.value, Role::Text);
            if !field.note.is_empty() {
                line.skip(2).put(&field.note, Role::Dim);
            }
        }
    }
}

fn stops(rows: &[Vec<Field>]) -> [usize; 3] {
    let longest = |column: usize, length: fn(&Field) -> usize, pairs: bool| {
        let rows = rows.iter().filter(|row| !pairs || row.len() > 1);
        rows.filter_map(|row| row.get(column))
            .map(length)
            .max()
            .unwrap_or(0)
    };
    let value = longest(0, |field| field.name.len(), false) + 1;
    let second = value + longest(0, |field| field.value.len(), true) + GAP;
    let second_value = second + longest(1, |field| field.name.len(), false) + 1;
    [value, second, second_value]
}

fn field(name: &'static str, value: String, note: &str) -> Field {
    Field {
        name,
        value,
        note: note.to_owned(),
    }
}
