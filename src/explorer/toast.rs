//! Short messages that come and go by themselves. They know how long they stay; when that
//! is over, the explorer's clock (a message's `Now`) tells.

use std::time::{Duration, Instant};

/// The most that are shown at once: older ones give way.
const MOST: usize = 3;

/// What a toast is about, so that it can look like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Something to know.
    Info,
    /// Something asked for was done.
    Done,
    /// Something went differently than hoped; nothing is broken.
    Warning,
    /// Something asked for failed.
    Error,
}

impl Mood {
    const fn stays(self) -> Duration {
        match self {
            Self::Info | Self::Done => Duration::from_secs(4),
            Self::Warning => Duration::from_secs(8),
            Self::Error => Duration::from_secs(12),
        }
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it is about.
    pub mood: Mood,
    /// What it says; may quote names from a server, so show it through `text`.
    pub text: String,
    until: Instant,
}

/// All that are shown, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toasts(Vec<Toast>);

impl Toasts {
    /// Adds one; the same text again only stays longer.
    pub fn add(&mut self, now: Instant, mood: Mood, text: impl Into<String>) {
        let text = text.into();
        self.0.retain(|toast| toast.text != text);
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        let until = now + mood.stays();
        self.0.push(Toast { mood, text, until });
    }

    /// Those shown, the oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Toast> {
        self.0.iter()
    }

    /// When the next one goes.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.iter().map(|toast| toast.until).min()
    }

    /// Takes away those whose time is over; whether there were any.
    pub fn expire(&mut self, now: Instant) -> bool {
        let before = self.0.len();
        self.0.retain(|toast| toast.until > now);
        self.0.len() < before
    }

    /// Takes all away; whether there were any.
    pub fn clear(&mut self) -> bool {
        let any = !self.0.is_empty();
        self.0.clear();
        any
    }
}

impl<'a> IntoIterator for &'a Toasts {
    type Item = &'a Toast;
    type IntoIter = std::slice::Iter<'a, Toast>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_go_when_their_time_is_over_and_crowd_each_other_out() {
        let (start, mut toasts) = (Instant::now(), Toasts::default());
        toasts.add(start, Mood::Error, "failed");
        toasts.add(start, Mood::Done, "saved");
        toasts.add(start, Mood::Done, "saved");
        assert_eq!(toasts.iter().count(), 2, "the same text is shown once");
        assert_eq!(toasts.deadline(), Some(start + Mood::Done.stays()));
        assert!(toasts.expire(start + Mood::Done.stays()));
        let left: Vec<_> = toasts.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(left, ["failed"]);
        for n in 0..5 {
            toasts.add(start, Mood::Info, n.to_string());
        }
        let left: Vec<_> = toasts.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(left, ["2", "3", "4"]);
        assert!(toasts.clear() && !toasts.clear());
        assert_eq!(toasts.deadline(), None);
    }
}
