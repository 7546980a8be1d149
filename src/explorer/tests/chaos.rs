//! Anything may happen at any time, answers late, twice or never: what is promised holds.

use proptest::prelude::*;

use super::*;
use crate::proto::{ChildrenReply, DataReply};

/// Something that happens.
#[derive(Debug, Clone)]
enum Event {
    Key(usize),
    Type(char),
    Paste(String),
    Click(usize, usize, bool),
    Wheel(usize, i16),
    Resize(u16, u16),
    Session(usize),
    Tick(u64),
    /// One of the requests so far is answered so.
    Answer(usize, usize, Vec<u8>),
}

const STATES: [SessionState; 5] = [
    SessionState::Connected,
    SessionState::Suspended,
    SessionState::Lost,
    SessionState::Connecting,
    SessionState::ReadOnly,
];

const CODES: [ErrorCode; 6] = [
    ErrorCode::NoNode,
    ErrorCode::NoAuth,
    ErrorCode::BadVersion,
    ErrorCode::NotEmpty,
    ErrorCode::NodeExists,
    ErrorCode::ConnectionLoss,
];

fn event() -> impl Strategy<Value = Event> {
    let names = proptest::collection::vec(0..9_u8, 0..6);
    prop_oneof![
        12 => any::<usize>().prop_map(Event::Key),
        2 => prop_oneof![Just('y'), Just('n'), Just('a'), Just('/'), Just('s'), Just('d')].prop_map(Event::Type),
        1 => "[a-z\n/é\u{301}]{0,6}".prop_map(Event::Paste),
        1 => (any::<usize>(), 0..30_usize, any::<bool>()).prop_map(|(t, n, double)| Event::Click(t, n, double)),
        1 => (any::<usize>(), -9..9_i16).prop_map(|(t, rows)| Event::Wheel(t, rows)),
        1 => (0..200_u16, 0..60_u16).prop_map(|(width, height)| Event::Resize(width, height)),
        1 => (0..STATES.len()).prop_map(Event::Session),
        1 => (0..15_000_u64).prop_map(Event::Tick),
        12 => (any::<usize>(), 0..10_usize, names).prop_map(|(which, how, names)| Event::Answer(which, how, names)),
    ]
}

fn target(kind: usize, number: usize) -> Target {
    match kind % 5 {
        0 => Target::Row(number),
        1 => Target::Fold(number),
        2 => Target::Entry(number),
        3 => Target::Detail,
        _ => Target::Tree,
    }
}

fn result<T>(how: usize, good: T) -> Result<T, Failure> {
    match CODES.get(how) {
        Some(ErrorCode::ConnectionLoss) => Err(lost()),
        Some(&code) => Err(failure(code)),
        None => Ok(good),
    }
}

#[expect(clippy::too_many_lines, reason = "one arm per effect: a table")]
fn answer(effect: Effect, how: usize, names: &[u8]) -> Option<Message> {
    let version = i32::try_from(names.len()).unwrap_or(0);
    let mut stat = stat(version);
    stat.num_children = version % 2;
    let data = (how != 7).then(|| {
        names
            .iter()
            .map(|n| if how == 8 { 255 } else { b'a' + n })
            .collect()
    });
    let reply = DataReply { data, stat };
    Some(match effect {
        Effect::Open { ticket, path } => {
            let names = names.iter().map(|n| format!("n{n}")).collect();
            let result = result(how, ChildrenReply { names, stat });
            Message::Children {
                ticket,
                path,
                result,
            }
        }
        Effect::Follow { ticket, path } => Message::Data {
            ticket,
            path,
            result: result(how, reply),
        },
        Effect::Reread { ticket, path } => Message::Reread {
            ticket,
            path,
            result: result(how, reply),
        },
        Effect::ReadAcl { ticket, path } => Message::Acl {
            ticket,
            path,
            result: result(how, vec![]),
        },
        Effect::Peek { ticket, paths } => {
            let rows = paths
                .into_iter()
                .map(|path| (path, result(how, stat)))
                .collect();
            Message::Peeked { ticket, rows }
        }
        Effect::Write { ticket, path, .. } => Message::Written {
            ticket,
            path,
            result: result(how, stat),
        },
        Effect::Create { ticket, path, .. } => {
            let result = result(how, path.clone());
            Message::Created {
                ticket,
                path,
                result,
            }
        }
        Effect::Delete { ticket, path, .. } | Effect::DeleteTree { ticket, path } => {
            Message::Deleted {
                ticket,
                path,
                result: result(how, 1),
            }
        }
        _ => return None,
    })
}

fn message(scene: &mut Scene, asked: &[Effect], event: Event) -> Option<Message> {
    Some(match event {
        Event::Key(key) => {
            let keys: Vec<&str> = Command::ALL
                .iter()
                .flat_map(|command| command.keys())
                .copied()
                .collect();
            Message::Key(keys[key % keys.len()].parse().expect("a key of the table"))
        }
        Event::Type(c) => Message::Key(Chord::char(c)),
        Event::Paste(text) => Message::Paste(text),
        Event::Click(kind, number, double) => Message::Click {
            target: target(kind, number),
            double,
        },
        Event::Wheel(kind, rows) => Message::Wheel {
            target: target(kind, 0),
            rows,
        },
        Event::Resize(width, height) => {
            let size = Size { width, height };
            Message::Resize(Viewport {
                screen: size,
                tree: size,
                value: size,
                ..Viewport::default()
            })
        }
        Event::Session(state) => {
            let session = scene.explorer.session().clone();
            Message::Session(Session {
                state: STATES[state],
                expired: session.expired,
                ..session
            })
        }
        Event::Tick(ms) => {
            scene.now.mono += std::time::Duration::from_millis(ms);
            Message::Tick
        }
        Event::Answer(which, how, names) => {
            let effect = asked.get(which.checked_rem(asked.len())?)?;
            answer(effect.clone(), how, &names)?
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_promises_hold(events in proptest::collection::vec(event(), 1..80)) {
        let mut scene = Scene::new();
        let mut asked = scene.asked();
        for event in events {
            let Some(message) = message(&mut scene, &asked, event) else { continue };
            scene.send(message);
            let new = scene.asked();
            let tree = scene.explorer.tree();
            let row = tree.row(tree.selected());
            prop_assert!(row.is_some_and(|row| row < tree.len()), "the selection has a row");
            prop_assert!(tree.top() <= tree.len().saturating_sub(tree.height()));
            for effect in &new {
                if let Effect::Peek { paths, .. } = effect {
                    prop_assert!(paths.len() <= tree.height());
                    prop_assert!(scene.explorer.is_connected());
                }
                if let Effect::Follow { path, .. } = effect {
                    prop_assert_eq!(path, tree.selected());
                }
            }
            prop_assert_eq!(scene.explorer.window().len(), tree.window().len());
            let _ = (scene.explorer.hints(), scene.explorer.deadline());
            asked.extend(new);
        }
    }
}
