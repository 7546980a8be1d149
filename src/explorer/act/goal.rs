//! Going to a path whose parents may not be loaded: each is opened when the list above it
//! has come, until the path has a row, or the user goes elsewhere or opens a popup.

use crate::explorer::Explorer;
use crate::explorer::toast::Mood;
use crate::explorer::tree::Load;
use crate::proto::ZPath;

/// A path to get to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::explorer) struct Goal {
    path: ZPath,
    /// It was made a moment ago: the list that names it may still be on its way.
    made: bool,
}

impl Explorer {
    /// Goes to a path, opening what is above it.
    pub(super) fn go_to(&mut self, path: ZPath) {
        self.goal = Some(Goal { path, made: false });
        self.pursue();
    }

    /// Goes to a znode that was made just now.
    pub(super) fn go_to_made(&mut self, path: ZPath) {
        self.goal = Some(Goal { path, made: true });
        self.pursue();
    }

    /// Goes as far as what is loaded allows, and asks for the rest.
    pub(super) fn pursue(&mut self) {
        let Some(goal) = self.goal.clone() else {
            return;
        };
        if self.tree.needle().is_some() {
            self.filter = None;
            self.tree.set_filter(None);
        }
        for path in goal.path.lineage() {
            // Below a znode that must not be listed, a name can be given all the same.
            let known = self.tree.select(&path) || {
                self.tree.give_name(&path);
                self.tree.select(&path)
            };
            if !known {
                self.miss(&goal, &path);
                return;
            }
            let above = path != goal.path;
            if above && !self.tree.is_open(&path) {
                self.open(&path);
                return;
            }
        }
        self.goal = None;
    }

    /// The path has no row; its parent, which has one, tells why.
    fn miss(&mut self, goal: &Goal, missing: &ZPath) {
        let parent = missing.parent();
        let why = match parent.as_ref().and_then(|parent| self.tree.load(parent)) {
            Some(Load::Listed) if goal.made => return,
            Some(Load::Listed) => format!("{missing} does not exist"),
            Some(Load::Failed(failure)) => failure.text.clone(),
            Some(Load::Loading) | None => return,
        };
        self.goal = None;
        self.say(Mood::Warning, format!("can't go to {}: {why}", goal.path));
    }
}
