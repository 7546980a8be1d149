//! Bytes that no server and no client would send: refused, never trusted, and never an
//! excuse to reserve memory that the frame could not fill.

use proptest::collection::vec;
use proptest::prelude::*;
use zooscope::proto::{
    AclReply, Decode as _, DecodeError, Frames, IdentitiesReply, Names, NextFrame, OpCode, Reader,
    Request, decode_multi_reply,
};

use super::targets::check::bounded;
use super::targets::{TARGETS, Target};

/// All but those that open a socket for each input: they take long, and noise gets them
/// nowhere.
fn quick() -> impl Iterator<Item = &'static Target> {
    let slow = ["conversation", "session"];
    TARGETS
        .iter()
        .filter(move |target| !slow.contains(&target.name))
}

proptest! {
    #[test]
    fn arbitrary_bytes_panic_no_decoder(bytes in vec(any::<u8>(), 0..300)) {
        for target in quick() {
            (target.run)(&bytes);
        }
    }

    /// Small numbers in the first byte of lengths: far more of these get past the first field.
    #[test]
    fn nor_do_bytes_that_look_like_lengths(
        bytes in vec(prop_oneof![8 => Just(0u8), 4 => 0..16u8, 1 => Just(0xff), 1 => any::<u8>()], 0..300),
    ) {
        for target in quick() {
            (target.run)(&bytes);
        }
    }
}

#[test]
fn a_count_is_no_reason_to_reserve() {
    let mut frame = i32::MAX.to_be_bytes().to_vec();
    frame.extend_from_slice(&[0; 64]);
    let refused = |result: Result<(), DecodeError>| {
        assert!(
            matches!(result, Err(DecodeError::Truncated { .. })),
            "{result:?}"
        );
    };
    bounded(&frame, |bytes| {
        refused(Names::decode(&mut Reader::new(bytes)).map(drop));
        refused(AclReply::decode(&mut Reader::new(bytes)).map(drop));
        refused(IdentitiesReply::decode(&mut Reader::new(bytes)).map(drop));
        refused(Reader::new(bytes).strings("names").map(drop));
        refused(Reader::new(bytes).buffer("data").map(drop));
    });
}

#[test]
fn a_frame_gets_memory_as_it_comes() {
    let claim = 0x7fff_fff0_i32.to_be_bytes();
    let taken = allocation_counter::measure(|| {
        let mut frames = Frames::new(usize::MAX);
        let mut come = 0;
        frames.space()[..4].copy_from_slice(&claim);
        frames.filled(4);
        while come < 3 << 20 {
            assert!(matches!(frames.next(), Ok(NextFrame::More)));
            let count = frames.space().len();
            frames.filled(count);
            come += count;
        }
    });
    // The old buffer and the new one, while it grows.
    assert!(taken.bytes_max < 16 << 20, "{} bytes", taken.bytes_max);
}

/// The most that a frame can make a decoder take: the smallest elements, as many as fit.
#[test]
fn a_full_frame_of_the_smallest_elements_stays_bounded() {
    let elements: usize = 100_000;
    let zeros = |element: usize| {
        let mut frame = u32::try_from(elements)
            .expect("small")
            .to_be_bytes()
            .to_vec();
        frame.resize(4 + elements * element, 0);
        frame
    };
    let names = bounded(&zeros(4), |bytes| Names::decode(&mut Reader::new(bytes)));
    assert_eq!(names.map(|names| names.len()), Ok(elements));
    let ids = bounded(&zeros(8), |bytes| {
        IdentitiesReply::decode(&mut Reader::new(bytes))
    });
    assert_eq!(ids.map(|reply| reply.ids.len()), Ok(elements));

    let ping = [0, 0, 0, 11, 0, 0, 0, 0, 0].repeat(elements);
    let end = [0, 0, 0, 0, 1, 0, 0, 0, 0];
    let pings = bounded(
        &[ping.as_slice(), &end].concat(),
        |bytes| match Request::decode(OpCode::Multi, &mut Reader::new(bytes)) {
            Ok(Request::Multi(requests)) => requests.len(),
            other => usize::from(other.is_err()),
        },
    );
    assert_eq!(pings, elements);

    let deleted = [0, 0, 0, 2, 0, 0, 0, 0, 0].repeat(elements);
    let results = bounded(&[deleted.as_slice(), &end].concat(), |bytes| {
        decode_multi_reply(&mut Reader::new(bytes)).map(|results| results.len())
    });
    assert_eq!(results, Ok(elements));
}

#[test]
fn a_multi_in_a_multi_is_refused_at_any_depth() {
    let nested = [0, 0, 0, 14, 0, 0, 0, 0, 0].repeat(200_000);
    let request = Request::decode(OpCode::Multi, &mut Reader::new(&nested));
    assert!(matches!(request, Err(DecodeError::BadValue { .. })));
}
