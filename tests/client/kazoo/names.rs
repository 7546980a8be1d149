//! That none of kazoo's tests is forgotten: `tests.txt` has the name of each (of 2.11, for
//! what this crate has too), and after a dash why there can be none like it here. Every other
//! one is named by the doc of the tests that stand for it.

use std::collections::BTreeSet;
use std::path::Path;

/// How a doc names one.
const MARK: &str = "/// kazoo: `test_";

/// All names in the docs of tests below a folder.
fn named(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            named(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("source is text");
            let lines = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(MARK));
            names.extend(lines.map(|line| format!("test_{}", line.trim_end_matches('`'))));
        }
    }
}

#[test]
fn every_test_of_kazoos_has_one_here_or_a_reason_why_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named_here = BTreeSet::new();
    for folder in ["src", "tests"] {
        named(&root.join(folder), &mut named_here);
    }
    let mut missing = Vec::new();
    for line in include_str!("tests.txt").lines() {
        let (name, reason) = match line.split_once(" - ") {
            Some((name, reason)) => (name, Some(reason)),
            None => (line, None),
        };
        let is_named = named_here.remove(name);
        assert!(reason != Some(""), "{name}: why?");
        assert!(!(is_named && reason.is_some()), "{name} has a test here");
        if !is_named && reason.is_none() {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "no test stands for {missing:#?}");
    assert!(named_here.is_empty(), "kazoo has no {named_here:#?}");
}
