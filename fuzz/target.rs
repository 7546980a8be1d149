//! Any one of the targets of `tests/proto/targets`, under libFuzzer. Which one, the variable
//! `ZOOSCOPE_FUZZ_TARGET` says; `ZOOSCOPE_FUZZ_CORPUS` names a folder to put its corpus into
//! first. `fuzz/run` sets both. Refuses to know what a target does.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

#[expect(dead_code, reason = "only the tests ask what a seed is called")]
#[path = "../tests/proto/targets/mod.rs"]
mod targets;

static TARGET: OnceLock<&Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("ZOOSCOPE_FUZZ_TARGET").unwrap_or_default();
        let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            println!("{}", names.join("\n"));
            std::process::exit(0);
        };
        if let Ok(folder) = std::env::var("ZOOSCOPE_FUZZ_CORPUS") {
            for (number, input) in target.corpus().iter().enumerate() {
                let file = Path::new(&folder).join(format!("kept-{number}"));
                fs::write(file, input).expect("the corpus folder can be written");
            }
        }
        let _ = TARGET.set(target);
    },
    |data: &[u8]| {
        if let Some(target) = TARGET.get() {
            (target.run)(data);
        }
    }
);
