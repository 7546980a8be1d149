//! Two texts, line by line: what both have, what only one has. For a person to choose by, so
//! beyond a certain size a whole stretch counts as changed rather than being searched long.

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Both have it.
    Both(String),
    /// Only theirs.
    Theirs(String),
    /// Only mine.
    Mine(String),
}

/// The largest table (lines of one times lines of the other) that is searched for what both
/// have: half a second's work at most in an unoptimised build.
const MOST_CELLS: usize = 4_000_000;

/// Compares two texts.
pub fn diff(theirs: &str, mine: &str) -> Vec<Line> {
    let theirs: Vec<&str> = theirs.split('\n').collect();
    let mine: Vec<&str> = mine.split('\n').collect();
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = theirs.iter().zip(&mine).take_while(same).count();
    let (rest_theirs, rest_mine) = (&theirs[head..], &mine[head..]);
    let ends = rest_theirs.iter().rev().zip(rest_mine.iter().rev());
    let tail = ends.take_while(same).count();
    let (mid_theirs, tail_lines) = rest_theirs.split_at(rest_theirs.len() - tail);
    let mid_mine = &rest_mine[..rest_mine.len() - tail];
    let both = |line: &&str| Line::Both((*line).to_owned());
    let mut lines: Vec<Line> = theirs[..head].iter().map(both).collect();
    middle(mid_theirs, mid_mine, &mut lines);
    lines.extend(tail_lines.iter().map(both));
    lines
}

fn middle(theirs: &[&str], mine: &[&str], lines: &mut Vec<Line>) {
    let only_theirs = |line: &&str| Line::Theirs((*line).to_owned());
    let only_mine = |line: &&str| Line::Mine((*line).to_owned());
    if theirs.len().saturating_mul(mine.len()) > MOST_CELLS {
        lines.extend(theirs.iter().map(only_theirs));
        lines.extend(mine.iter().map(only_mine));
        return;
    }
    let common = Common::new(theirs, mine);
    let (mut t, mut m) = (0, 0);
    while t < theirs.len() && m < mine.len() {
        if theirs[t] == mine[m] {
            lines.push(Line::Both(theirs[t].to_owned()));
            (t, m) = (t + 1, m + 1);
        } else if common.after(t + 1, m) >= common.after(t, m + 1) {
            lines.push(only_theirs(&theirs[t]));
            t += 1;
        } else {
            lines.push(only_mine(&mine[m]));
            m += 1;
        }
    }
    lines.extend(theirs[t..].iter().map(only_theirs));
    lines.extend(mine[m..].iter().map(only_mine));
}

/// How many lines two texts have in common, from any pair of lines on.
struct Common {
    cells: Vec<u16>,
    width: usize,
}

impl Common {
    fn new(theirs: &[&str], mine: &[&str]) -> Self {
        let width = mine.len() + 1;
        let mut common = Self {
            cells: vec![0; (theirs.len() + 1) * width],
            width,
        };
        for t in (0..theirs.len()).rev() {
            for m in (0..mine.len()).rev() {
                common.cells[t * width + m] = if theirs[t] == mine[m] {
                    common.after(t + 1, m + 1).saturating_add(1)
                } else {
                    common.after(t + 1, m).max(common.after(t, m + 1))
                };
            }
        }
        common
    }

    fn after(&self, t: usize, m: usize) -> u16 {
        self.cells[t * self.width + m]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(theirs: &str, mine: &str) -> Vec<String> {
        let mark = |line: Line| match line {
            Line::Both(text) => format!(" {text}"),
            Line::Theirs(text) => format!("<{text}"),
            Line::Mine(text) => format!(">{text}"),
        };
        diff(theirs, mine).into_iter().map(mark).collect()
    }

    #[test]
    fn what_both_have_is_told_once() {
        assert_eq!(
            marked("a\nb\nc\nd", "a\nx\nc\ne\nd"),
            [" a", "<b", ">x", " c", ">e", " d"]
        );
        assert_eq!(marked("", "x"), ["<", ">x"]);
        assert_eq!(marked("a", "a\n"), [" a", ">"]);
        assert_eq!(marked("same", "same"), [" same"]);
    }

    #[test]
    fn two_long_strangers_are_not_compared_line_by_line() {
        let long = |word: &str| vec![word; 5_000].join("\n");
        let lines = diff(&long("theirs"), &long("mine"));
        assert_eq!(lines.len(), 10_000);
        assert_eq!(lines[0], Line::Theirs("theirs".to_owned()));
    }
}
