//! Shared memory as two parties see it.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use host_memory::{Mapping, OutOfRange, Pages, Shm, is_dma_buf, page_align, page_size};

#[test]
fn a_memfd_is_whole_zeroed_pages_of_fixed_size() {
    let shm = Shm::new("test", 5).unwrap();
    assert_eq!(shm.len(), page_size() as u64);
    let mut bytes = vec![1; page_size()];
    shm.read(0, &mut bytes).unwrap();
    assert!(bytes.iter().all(|byte| *byte == 0));
    assert!(rustix::fs::ftruncate(shm.fd(), 0).is_err());
    assert!(rustix::fs::ftruncate(shm.fd(), 2 * shm.len()).is_err());
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    assert!(Shm::new("test", 0).is_err());
    assert!(Shm::new("test", u64::MAX).is_err());
    assert!(Shm::new("test", u64::MAX / 2).is_err());
    assert_eq!(page_align(u64::MAX), None);
    assert_eq!(page_align(1), Some(page_size() as u64));
}

#[test]
fn copies_of_every_alignment_arrive() {
    let shm = Shm::new("test", 1).unwrap();
    let pattern: Vec<u8> = (0..64).collect();
    for offset in 0..17 {
        for len in 0..40 {
            shm.fill(0, 128, 0xee).unwrap();
            shm.write(offset, &pattern[..len]).unwrap();
            let mut seen = [0; 128];
            shm.read(0, &mut seen).unwrap();
            let start = offset as usize;
            assert!(seen[..start].iter().all(|byte| *byte == 0xee));
            assert_eq!(&seen[start..start + len], &pattern[..len]);
            assert!(seen[start + len..].iter().all(|byte| *byte == 0xee));
            let mut back = vec![0; len];
            shm.read(offset, &mut back).unwrap();
            assert_eq!(back, pattern[..len]);
        }
    }
}

#[test]
fn the_end_is_the_end() {
    let shm = Shm::new("test", 1).unwrap();
    let len = shm.len();
    let refused = |offset, size| Err(OutOfRange { offset, size, len });
    assert_eq!(shm.read(len, &mut []), Ok(()));
    assert_eq!(shm.read(len + 1, &mut []), refused(len + 1, 0));
    assert_eq!(shm.read(len - 1, &mut [0; 2]), refused(len - 1, 2));
    assert_eq!(shm.write(u64::MAX, &[1]), refused(u64::MAX, 1));
    assert_eq!(shm.fill(1, u64::MAX, 0), refused(1, u64::MAX));
    assert_eq!(
        shm.load_u32(len - 3, Relaxed).map(|_| ()),
        refused(len - 3, 4)
    );
    assert_eq!(shm.load_u32(2, Relaxed).map(|_| ()), refused(2, 4));
    assert_eq!(shm.store_u32(len, 0, Relaxed), refused(len, 4));
}

#[test]
fn two_mappings_show_the_same_words() {
    let shm = Shm::new("test", 1).unwrap();
    let other = Pages::from(Mapping::new(shm.fd(), shm.len()).unwrap());
    shm.store_u32(8, 5, Release).unwrap();
    assert_eq!(other.load_u32(8, Acquire), Ok(5));
    assert_eq!(other.fetch_or_u32(8, 2, AcqRel), Ok(5));
    assert_eq!(other.fetch_and_u32(8, 6, AcqRel), Ok(7));
    assert_eq!(Pages::from(shm).load_u32(8, Acquire), Ok(6));
}

#[test]
fn what_could_shrink_is_not_mapped() {
    let fd = rustix::fs::memfd_create("test", rustix::fs::MemfdFlags::ALLOW_SEALING).unwrap();
    rustix::fs::ftruncate(&fd, 4096).unwrap();
    assert!(Mapping::new(fd.as_fd(), 4096).is_ok());
    assert!(rustix::fs::ftruncate(&fd, 0).is_err());

    let unsealable = rustix::fs::memfd_create("test", rustix::fs::MemfdFlags::empty()).unwrap();
    rustix::fs::ftruncate(&unsealable, 4096).unwrap();
    let refusal = Mapping::new(unsealable.as_fd(), 4096).unwrap_err();
    assert_eq!(refusal.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn a_mapping_ends_with_its_file() {
    let shm = Shm::new("test", 1).unwrap();
    let refusal = Mapping::new(shm.fd(), shm.len() + 1).unwrap_err();
    assert_eq!(refusal.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_dma_buf_is_told_from_other_descriptors() {
    let shm = Shm::new("test", 1).unwrap();
    assert!(!is_dma_buf(&shm));
    let (pipe, _writer) = rustix::pipe::pipe().unwrap();
    assert!(!is_dma_buf(pipe));
    match host_memory::udmabuf(&shm) {
        Ok(dma_buf) => assert!(is_dma_buf(dma_buf)),
        Err(error) => eprintln!("SKIPPED: no dma-buf to look at: /dev/udmabuf: {error}"),
    }
}

#[test]
fn a_udmabuf_shows_the_pages_of_its_memfd() {
    let shm = Shm::new("test", 3 * page_size() as u64).unwrap();
    let dma_buf = match host_memory::udmabuf(&shm) {
        Ok(dma_buf) => dma_buf,
        Err(error) => {
            eprintln!("SKIPPED: /dev/udmabuf: {error}");
            return;
        }
    };
    let other = Mapping::new(dma_buf.as_fd(), shm.len()).unwrap();
    shm.store_u32(shm.len() - 4, 5, Release).unwrap();
    assert_eq!(other.load_u32(shm.len() - 4, Acquire), Ok(5));
    other.store_u32(0, 6, Release).unwrap();
    assert_eq!(shm.load_u32(0, Acquire), Ok(6));
    let past = Mapping::new(dma_buf.as_fd(), shm.len() + 1).unwrap_err();
    assert_eq!(past.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_machines_memory_is_mapped_in_parts() {
    let page = page_size() as u64;
    let shm = Shm::new("test", 3 * page).unwrap();
    shm.write(page, b"second").unwrap();
    let part = Mapping::of_machine(shm.fd(), page, 2 * page).unwrap();
    assert_eq!(part.len(), 2 * page);
    let mut bytes = [0; 6];
    part.read(0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"second");
    part.write(2 * page - 1, b"!").unwrap();
    shm.read(3 * page - 1, &mut bytes[..1]).unwrap();
    assert_eq!(bytes[0], b'!');
    for (offset, len) in [
        (0, 0),
        (1, page),
        (0, page - 1),
        (page, 3 * page),
        (u64::MAX - page + 1, page),
    ] {
        let refused = Mapping::of_machine(shm.fd(), offset, len).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{offset:#x}");
    }
}

#[test]
fn a_machines_memory_need_not_be_sealed() {
    let page = page_size() as u64;
    let file = tempfile::tempfile().unwrap();
    file.set_len(page).unwrap();
    assert!(Mapping::new(file.as_fd(), page).is_err());
    let mapping = Mapping::of_machine(file.as_fd(), 0, page).unwrap();
    mapping.write(0, b"file").unwrap();
}
