//! Somebody edits settings now and then, changing one number or one flag and leaving the rest
//! of the text as it is.

use super::Actor;
use super::world::World;

/// Numbers that get edited: where, what stands before the number, and what it may be.
const NUMBERS: [(&str, &str, &[&str]); 4] = [
    (
        "/app/checkout/config.json",
        r#""perMinute": "#,
        &["450", "600", "900", "1200"],
    ),
    (
        "/app/catalog/pool.properties",
        "pool.maximum=",
        &["24", "32", "48", "64"],
    ),
    (
        "/app/catalog/application.yaml",
        "size: ",
        &["10000", "20000", "50000"],
    ),
    ("/app/search/threads", "", &["8", "16", "24", "32"]),
];
const FLAGS: &str = "/app/checkout/feature-flags";
const FLAG_NAMES: [&str; 5] = [
    "express-checkout",
    "gift-wrapping",
    "new-basket",
    "one-click",
    "stock-warning",
];

/// Somebody with a configuration tool.
pub struct Settings;

impl Actor for Settings {
    fn weight(&self) -> u32 {
        3
    }

    fn act(&mut self, world: &mut World) {
        if world.rng.bool() {
            flip_a_flag(world);
        } else {
            change_a_number(world);
        }
    }
}

fn flip_a_flag(world: &mut World) {
    let (Some(text), Some(flag)) = (world.text(FLAGS), world.choose(&FLAG_NAMES)) else {
        return;
    };
    let (on, off) = (format!(r#""{flag}":true"#), format!(r#""{flag}":false"#));
    if text.contains(&on) {
        world.set(FLAGS, &text.replacen(&on, &off, 1));
    } else if text.contains(&off) {
        world.set(FLAGS, &text.replacen(&off, &on, 1));
    }
}

fn change_a_number(world: &mut World) {
    let Some((path, before, values)) = world.choose(&NUMBERS) else {
        return;
    };
    let text = world.text(path);
    let Some((start, end)) = text.as_deref().and_then(|text| number_after(text, before)) else {
        return;
    };
    let text = text.unwrap_or_default();
    let old = &text[start..end];
    let others: Vec<&&str> = values.iter().filter(|value| **value != old).collect();
    if let Some(new) = world.choose(&others) {
        let edited = format!("{}{new}{}", &text[..start], &text[end..]);
        world.set(path, &edited);
    }
}

/// Where the number after `before` stands.
fn number_after(text: &str, before: &str) -> Option<(usize, usize)> {
    let start = text.find(before)? + before.len();
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then_some((start, start + digits))
}
