//! Numbers in the words that people compare: zxids and session ids in hex, times in local time
//! with their age, durations short.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A zxid or a session id as ZooKeeper's own logs write it.
pub(super) fn hex(id: i64) -> String {
    format!("0x{:x}", id.cast_unsigned())
}

/// Milliseconds since 1970 as a local time; as the number itself if no calendar has it.
pub(super) fn local_time(ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) if ms != 0 => {
            let zoned = time.to_zoned(zone.clone());
            zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        _ => ms.to_string(),
    }
}

/// How long ago that was.
pub(super) fn age(ms: i64, now_ms: i64) -> String {
    if ms == 0 {
        return "never set".to_owned();
    }
    let Ok(past) = u64::try_from(now_ms.saturating_sub(ms)) else {
        return "in the future".to_owned();
    };
    match past / 1000 {
        0 => "just now".to_owned(),
        seconds => format!("{} ago", long(seconds)),
    }
}

fn long(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    const YEAR: u64 = 365 * DAY;
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        DAY..YEAR => format!("{} d", seconds / DAY),
        _ => format!("{} y", seconds / YEAR),
    }
}

/// A duration as the status bar has it: `0.4 ms`, `12 ms`, `1.5 s`, `30 s`.
pub(super) fn short(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}

/// A count in groups of three digits: `100,000`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unsigned_hex() {
        assert_eq!(hex(0x1_0000_0003), "0x100000003");
        assert_eq!(hex(-1), "0xffffffffffffffff");
    }

    #[test]
    fn times_are_local_and_never_panic() {
        let berlin = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(
            local_time(1_752_100_000_000, &berlin),
            "2025-07-10 00:26:40"
        );
        assert_eq!(local_time(i64::MAX, &berlin), i64::MAX.to_string());
        assert_eq!(local_time(i64::MIN, &berlin), i64::MIN.to_string());
        assert_eq!(local_time(0, &berlin), "0");
    }

    #[test]
    fn ages() {
        let now = 100 * 86_400_000;
        for (ms, words) in [
            (0, "never set"),
            (now, "just now"),
            (now - 59_999, "59 s ago"),
            (now - 60_000, "1 min ago"),
            (now - 5 * 3_600_000, "5 h ago"),
            (now - 30 * 86_400_000, "30 d ago"),
            (now + 5, "in the future"),
            (i64::MIN, "292471208 y ago"),
        ] {
            assert_eq!(age(ms, now), words);
        }
    }

    #[test]
    fn durations_and_counts() {
        assert_eq!(short(Duration::from_micros(412)), "0.4 ms");
        assert_eq!(short(Duration::from_millis(12)), "12 ms");
        assert_eq!(short(Duration::from_secs(30)), "30 s");
        assert_eq!(short(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(count(7), "7");
        assert_eq!(count(100_000), "100,000");
    }
}
