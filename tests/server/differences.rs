//! The one list of differences from a real ZooKeeper that are meant, each with its reason.
//! Whatever isn't here must agree to the last field.

use zooscope::server::Version;

use super::said::Said;
use super::script::Step;

/// A pair of answers, the real server's first; `None` where one said nothing more.
type Pair<'a> = (Option<&'a Said>, Option<&'a Said>);

/// One difference.
struct Difference {
    /// What differs, and why that is right.
    reason: &'static str,
    applies: fn(Version, &Step, Pair<'_>) -> bool,
}

const DIFFERENCES: [Difference; 0] = [];

/// The reason why this difference is meant, if it is.
pub fn excuse(version: Version, step: &Step, pair: Pair<'_>) -> Option<&'static str> {
    DIFFERENCES
        .iter()
        .find(|difference| (difference.applies)(version, step, pair))
        .map(|difference| difference.reason)
}
