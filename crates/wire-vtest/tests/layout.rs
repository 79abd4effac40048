//! Messages word by word, as the protocol's header and Mesa lay them out.

use wire::{ParseError, Writer};
use wire_vtest::limits::{MAX_BATCHES, MAX_NAME, MAX_SUBMIT, MAX_SYNCS, MAX_TRANSFER};
use wire_vtest::{
    Batch, Command, Extent, Header, Reply, Request, ResourceHandle, SubmitCmd2, SyncId, SyncPoint,
    Version,
};

fn message(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn encoded(reply: &Reply<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    reply.encode(&mut writer);
    writer.into_bytes()
}

fn limit(what: &'static str, limit: u32, got: u32) -> ParseError {
    ParseError::Limit {
        what,
        limit: limit.into(),
        got: got.into(),
    }
}

#[test]
fn version_1_is_answered_with_0_and_the_future_with_4() {
    let negotiated = [0, 1, 2, 3, 4, 5, u32::MAX].map(|n| Version::negotiate(n).number());
    assert_eq!(negotiated, [0, 0, 2, 3, 4, 4, 4]);
}

#[test]
fn a_command_comes_with_its_version() {
    let get_param = message(&[1, 15, 1]);
    let refusal = Err(ParseError::BadValue {
        what: "command number",
        value: 15,
    });
    assert_eq!(Request::parse(&get_param, Version::V2), refusal);
    assert!(Request::parse(&get_param, Version::V3).is_ok());
    assert!(Header::parse(&message(&[0, 0]), Version::V4).is_err());
    assert!(Header::parse(&message(&[0, 39]), Version::V4).is_err());
}

#[test]
fn a_length_that_is_not_the_commands_is_an_error() {
    let refusal = Err(ParseError::BadValue {
        what: "length",
        value: 2,
    });
    assert_eq!(Request::extent(&message(&[2, 15]), Version::V3), refusal);
}

#[test]
fn what_is_too_long_is_refused_before_it_arrives() {
    let extent = |words: &[u32]| Request::extent(&message(words), Version::V4);
    let words = MAX_SUBMIT / 4;
    for command in [Command::SubmitCmd, Command::SubmitCmd2] {
        let at_limit = extent(&[words, command.number()]);
        assert_eq!(at_limit, Ok(Extent::Needs(8 + MAX_SUBMIT as usize)));
        let over = extent(&[words + 1, command.number()]);
        assert_eq!(over, Err(limit("words", words, words + 1)));
    }
    assert_eq!(
        extent(&[MAX_NAME + 1, 8]),
        Err(limit("bytes", MAX_NAME, MAX_NAME + 1))
    );
    let waits = MAX_SYNCS * 3 + 2;
    assert_eq!(
        extent(&[waits + 1, 23]),
        Err(limit("words", waits, waits + 1))
    );
    let mut put = vec![0; 13];
    put[1] = 5;
    put[12] = MAX_TRANSFER + 1;
    let over = limit("transfer size", MAX_TRANSFER, MAX_TRANSFER + 1);
    assert_eq!(extent(&put), Err(over));
    // Nothing follows a wish for pixels, but as many are to come back.
    let mut get = put;
    get[..2].copy_from_slice(&[11, 4]);
    let parse = |words: &[u32]| {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Request::parse(&bytes, Version::V0).map(drop)
    };
    assert_eq!(parse(&get), Err(over));
    get[12] = MAX_TRANSFER;
    assert_eq!(parse(&get), Ok(()));
}

/// One batch of one command word, one sync, on ring 3.
fn batch_words(header: &[u32], cmd_offset: u32, sync_offset: u32) -> Vec<u32> {
    let mut words = vec![1, cmd_offset, 1, sync_offset, 1, 3];
    words.extend_from_slice(header);
    words
}

fn expected_batch(command: &[u8], sync: u32) -> Batch<'_> {
    Batch {
        commands: command,
        syncs: vec![SyncPoint {
            sync: SyncId(sync),
            value: 1 << 32 | 9,
        }],
        ring_idx: Some(3),
        ..Batch::default()
    }
}

fn two_batches(padding: &[u32]) -> Vec<u8> {
    let header = 6 + padding.len() as u32;
    let commands = 1 + 2 * header;
    let mut words = vec![commands + 2 + 6, 24, 2];
    words.extend(batch_words(padding, commands, commands + 2));
    words.extend(batch_words(padding, commands + 1, commands + 5));
    words.extend([0xaaaa_aaaa, 0xbbbb_bbbb, 71, 9, 1, 72, 9, 1]);
    message(&words)
}

#[test]
fn batches_of_six_and_of_eight_words_are_told_apart() {
    let expected = Request::SubmitCmd2(SubmitCmd2 {
        batches: vec![
            expected_batch(&[0xaa; 4], 71),
            expected_batch(&[0xbb; 4], 72),
        ],
    });
    let mesa_v3 = two_batches(&[]);
    assert_eq!(
        Request::parse(&mesa_v3, Version::V3).as_ref(),
        Ok(&expected)
    );
    let macros_v3 = two_batches(&[0xdead_beef, 0xdead_beef]);
    assert_eq!(
        Request::parse(&macros_v3, Version::V3).as_ref(),
        Ok(&expected)
    );
    let v4 = two_batches(&[0, 0]);
    assert_eq!(Request::parse(&v4, Version::V4), Ok(expected));
}

#[test]
fn a_batch_stays_inside_its_message() {
    let submit = |words: &[u32]| {
        let mut all = vec![words.len() as u32, 24];
        all.extend_from_slice(words);
        Request::parse(&message(&all), Version::V3).map(drop)
    };
    assert_eq!(submit(&[1, 0, 7, 0, 7, 0, 0]), Ok(()));
    assert!(submit(&[0]).is_err());
    assert!(submit(&[1, 0, 8, 0, 7, 0, 0]).is_err());
    assert!(submit(&[1, 0, 7, 1, 7, 0, 0]).is_err());
    assert!(submit(&[1, 0, u32::MAX, u32::MAX, 7, 0, 0]).is_err());
    assert!(submit(&[1, 0, 7, 0, 7, 1, 0]).is_err());
    assert!(submit(&[1, 8, 7, 0, 7, 0, 0]).is_err());
    assert_eq!(
        submit(&[1, 1, 7, 0, 7, 0, 64]),
        Err(limit("ring_idx", 63, 64))
    );
    assert_eq!(submit(&[1, 0, 7, 0, 7, 0, 64]), Ok(()));
    assert_eq!(
        submit(&[MAX_BATCHES + 1]),
        Err(limit("batch count", MAX_BATCHES, MAX_BATCHES + 1))
    );
}

#[test]
fn overlapping_batches_cannot_multiply_the_work() {
    // Three batches of all ten words each.
    let mut words = vec![25, 24, 3];
    for _ in 0..3 {
        words.extend([0, 15, 10, 0, 0, 0, 0, 0]);
    }
    assert_eq!(
        Request::parse(&message(&words), Version::V4),
        Err(limit("total of cmd_size", 25, 30))
    );
}

#[test]
fn replies_have_their_odd_headers() {
    let labels = [
        (Reply::Caps(&[]), message(&[1, 1])),
        (Reply::Caps2(&[5; 4]), message(&[5, 2, 0x0505_0505])),
        (Reply::Capset(None), message(&[1, 16, 0])),
        (
            Reply::Capset(Some(&[6; 5])),
            message(&[3, 16, 1, 0x0606_0606, 6]),
        ),
        (Reply::Param(Some(64)), message(&[2, 15, 1, 64])),
        (Reply::DrmSyncWaitFd, message(&[0, 31])),
        (Reply::SyncValue(1 << 32), message(&[2, 21, 0, 1])),
        (
            Reply::Resource {
                command: Command::ResourceCreateBlob,
                resource: ResourceHandle(7),
                has_fd: true,
            },
            message(&[1, 18, 7]),
        ),
    ];
    for (reply, bytes) in labels {
        assert_eq!(encoded(&reply), bytes, "{reply:?}");
    }
}
