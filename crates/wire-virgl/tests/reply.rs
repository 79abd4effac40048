//! Replies have the sizes and offsets that a C compiler gives `virgl_protocol.h`, and are read
//! back as they were written.
#![forbid(unsafe_code)]

use proptest::prelude::*;
use wire::ParseError;
use wire_virgl::limits::MAX_PLANES;
use wire_virgl::{
    ContextError, HOST_QUERY_STATE_SIZE, HostQueryState, LaidOutPlane, MEMORY_INFO_SIZE,
    MemoryInfo, QueryState, QueryValue, RESOURCE_LAYOUT_SIZE, RendererError, ResourceLayout,
};

fn words(bytes: &[u8]) -> Vec<u32> {
    let (words, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    words.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

#[test]
fn a_query_state_is_state_size_and_result() {
    let state = |state, result| HostQueryState { state, result }.to_bytes();
    let done = state(QueryState::Done, QueryValue::U64(0x0102_0304_0506_0708));
    assert_eq!(done.len(), HOST_QUERY_STATE_SIZE);
    assert_eq!(words(&done), [1, 8, 0x0506_0708, 0x0102_0304]);
    let short = state(QueryState::WaitHost, QueryValue::U32(7));
    assert_eq!(words(&short), [2, 4, 7, 0]);
    // What a guest's memory holds before anybody has written to it.
    assert_eq!(
        HostQueryState::from_bytes(&[0; HOST_QUERY_STATE_SIZE]),
        Err(ParseError::BadValue {
            what: "query result size",
            value: 0
        })
    );
}

#[test]
fn memory_info_is_six_words_in_the_header_s_order() {
    let info = MemoryInfo {
        total_device_memory: 1,
        avail_device_memory: 2,
        total_staging_memory: 3,
        avail_staging_memory: 4,
        device_memory_evicted: 5,
        nr_device_memory_evictions: 6,
    };
    assert_eq!(info.to_bytes().len(), MEMORY_INFO_SIZE);
    assert_eq!(words(&info.to_bytes()), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_layout_has_room_for_four_planes() {
    let plane = |n: u32| LaidOutPlane {
        offset: u64::from(n) << 32,
        stride: n + 1,
        size: n + 2,
    };
    let layout = ResourceLayout::new(9, vec![plane(16), plane(32)]).unwrap();
    let bytes = layout.to_bytes();
    assert_eq!(bytes.len(), RESOURCE_LAYOUT_SIZE);
    let words = words(&bytes);
    assert_eq!(words[..4], [9, 0, 2, 0]);
    assert_eq!(words[4..12], [0, 16, 17, 18, 0, 32, 33, 34]);
    assert_eq!(words[12..], [0; 8]);
    assert!(ResourceLayout::new(0, vec![plane(0); 4]).is_some());
    assert!(ResourceLayout::new(0, vec![plane(0); 5]).is_none());
    let mut five = bytes;
    five[8] = 5;
    assert_eq!(
        ResourceLayout::from_bytes(&five),
        Err(ParseError::Limit {
            what: "planes",
            limit: MAX_PLANES.into(),
            got: 5
        })
    );
}

#[test]
fn errors_have_the_header_s_numbers() {
    let numbers: Vec<u32> = ContextError::ALL.iter().map(|e| e.number()).collect();
    assert_eq!(numbers, (0..=21).collect::<Vec<_>>());
    assert_eq!(
        ContextError::from_number(12),
        Some(ContextError::TransferBounds)
    );
    assert_eq!(ContextError::from_number(22), None);
    assert_eq!(
        RendererError::from_number(2),
        Some(RendererError::UnknownResourceFormat)
    );
    assert_eq!(RendererError::from_number(3), None);
    let mut said: Vec<String> = ContextError::ALL.iter().map(ToString::to_string).collect();
    said.sort();
    said.dedup();
    assert_eq!(said.len(), ContextError::ALL.len());
}

fn any_query() -> impl Strategy<Value = HostQueryState> {
    let state = prop::sample::select(QueryState::ALL);
    let result = prop_oneof![
        any::<u32>().prop_map(QueryValue::U32),
        any::<u64>().prop_map(QueryValue::U64)
    ];
    (state, result).prop_map(|(state, result)| HostQueryState { state, result })
}

fn any_layout() -> impl Strategy<Value = ResourceLayout> {
    let plane = any::<(u64, u32, u32)>().prop_map(|(offset, stride, size)| LaidOutPlane {
        offset,
        stride,
        size,
    });
    (any::<u64>(), prop::collection::vec(plane, 0..=4))
        .prop_map(|(modifier, planes)| ResourceLayout::new(modifier, planes).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(query in any_query(), layout in any_layout(), info: [u32; 6]) {
        prop_assert_eq!(HostQueryState::from_bytes(&query.to_bytes()), Ok(query));
        let read = ResourceLayout::from_bytes(&layout.to_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&layout));
        let bytes: Vec<u8> = info.iter().flat_map(|word| word.to_le_bytes()).collect();
        let read = MemoryInfo::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read.to_bytes()[..], &bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let whole = |size: usize| bytes.len() == size;
        prop_assert!(HostQueryState::from_bytes(&bytes).is_err() || whole(HOST_QUERY_STATE_SIZE));
        prop_assert_eq!(MemoryInfo::from_bytes(&bytes).is_ok(), whole(MEMORY_INFO_SIZE));
        prop_assert!(ResourceLayout::from_bytes(&bytes).is_err() || whole(RESOURCE_LAYOUT_SIZE));
    }
}
