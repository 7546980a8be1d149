//! Storms drawn from a seed: faults of members and connections, mixed, on an ensemble.
//! `ZOOSCOPE_SOAK_SECONDS` lets them go on for so long and says what they came to;
//! `ZOOSCOPE_SOAK_VERSION` chooses the version, `ZOOSCOPE_SOAK_FAULT` a single kind of fault
//! (`MajorityLost`), and `ZOOSCOPE_SEED` repeats a run's faults.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::faults::options;
use crate::storm::{Figures, Storm, no_task_is_left, tasks};
use crate::support::{self, Install};
use crate::weather::{Climate, Count, Fault};

/// Faults in one storm.
const FAULTS: usize = 6;

/// The seed of a run that is asked for no other.
const SEED: u64 = 1;

/// The seed asked for, or this one.
pub fn seed(usual: u64) -> u64 {
    number("ZOOSCOPE_SEED").unwrap_or(usual)
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

fn install() -> Option<&'static Install> {
    let Ok(wanted) = std::env::var("ZOOSCOPE_SOAK_VERSION") else {
        return support::newest();
    };
    let found = support::all()
        .iter()
        .find(|install| install.to_string() == wanted);
    assert!(found.is_some(), "there is no ZooKeeper {wanted} here");
    found
}

/// Past the test runner's capture, which would hide it.
pub fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}

/// A fault, of members as often as of connections; or the one asked for.
fn draw(random: &mut fastrand::Rng) -> Fault {
    let kinds: &[Fault] = if random.bool() {
        &Fault::OF_MEMBERS
    } else {
        &Fault::OF_CONNECTIONS
    };
    let drawn = *random.choice(kinds).expect("there are some");
    let only = std::env::var("ZOOSCOPE_SOAK_FAULT").ok();
    let all = || Fault::OF_MEMBERS.iter().chain(&Fault::OF_CONNECTIONS);
    let only = only.map(|name| all().find(|fault| format!("{fault:?}") == name));
    only.map_or(drawn, |found| *found.expect("there is such a fault"))
}

/// One storm with a few faults on an ensemble that stands.
async fn storm(climate: &mut Climate, seed: u64, faults: &mut Count) -> Figures {
    let before = tasks();
    let mut random = fastrand::Rng::with_seed(seed);
    let storm = Storm::start(&options(&climate.roads.hosts()), seed).await;
    let mut past = Vec::new();
    for _ in 0..FAULTS {
        let fault = draw(&mut random);
        past.push(fault);
        if number("ZOOSCOPE_SOAK_SECONDS").is_some() {
            say(&format!("    {fault:?}\n"));
        }
        let what = format!("seed {seed}, {past:?}");
        // Now and then the connections suffer along with the members.
        let windy = Fault::OF_MEMBERS.contains(&fault) && random.u8(0..3) == 0;
        if windy {
            climate.roads.blow(&storm, &mut random);
        }
        climate.suffer(fault, &storm, &mut random, &what).await;
        if windy {
            climate.roads.calm();
        }
        *faults.entry(fault).or_default() += 1;
    }
    let what = format!("seed {seed}, {past:?}");
    let figures = storm.finish(&options(&climate.hosts()), &what).await;
    no_task_is_left(before).await;
    figures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storms_drawn_from_a_seed() {
    let Some(install) = install() else {
        return;
    };
    let time = number("ZOOSCOPE_SOAK_SECONDS").map(Duration::from_secs);
    let first = seed(time.map_or(SEED, |_| fastrand::u64(..1 << 32)));
    say(&format!(
        "storms on ZooKeeper {install} from seed {first}\n"
    ));
    let begun = Instant::now();
    let mut climate = Climate::of(install);
    let (mut figures, mut faults) = (Figures::default(), Count::new());
    for number in 0.. {
        let seed = first.wrapping_add(number);
        let one = climate.judge(async |climate| storm(climate, seed, &mut faults).await);
        if let Some(one) = one.await {
            if time.is_none() {
                return;
            }
            say(&format!(
                "  seed {seed} after {:.0?}: {} writes\n",
                begun.elapsed(),
                one.acknowledged()
            ));
            figures.add(one);
        } else {
            assert!(time.is_some() || number < 3, "it loses data every time");
            climate = Climate::of(install);
        }
        if time.is_some_and(|time| begun.elapsed() > time) {
            break;
        }
    }
    let took = begun.elapsed();
    say(&format!(
        "ZooKeeper {install}, {took:.0?} from seed {first}:\n{}  faults {faults:?}\n",
        figures.table()
    ));
}
