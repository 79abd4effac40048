//! The memory ladder as it is probed, on Mesa's lavapipe.

mod common;

use std::sync::{Arc, Barrier};

use common::{RUNGS, device, lavapipe, library};
use host_vulkan::Rung;

#[test]
fn every_probe_finds_the_same() {
    let (Some(first), Some(second)) = (device(None), device(None)) else {
        return;
    };
    assert!(!first.ladder().rungs().is_empty());
    assert_eq!(first.ladder().rungs(), second.ladder().rungs());
    for rung in RUNGS {
        let types = first.ladder().types_on(rung);
        assert_eq!(types, second.ladder().types_on(rung));
        assert!(types == 0 || first.ladder().uses(rung));
    }
}

#[test]
fn a_device_is_probed_once_whichever_instance_shows_it() {
    let Some(library) = library(None) else {
        return;
    };
    let devices = [lavapipe(&library), lavapipe(&library)];
    let [Some(first), Some(second)] = devices else {
        return;
    };
    assert_ne!(first.instance().raw(), second.instance().raw());
    let probed = std::ptr::from_ref(first.ladder());
    drop(first);
    assert!(std::ptr::eq(probed, second.ladder()));
}

#[test]
fn instances_that_ask_at_once_get_one_answer() {
    let Some(library) = library(None) else {
        return;
    };
    if lavapipe(&library).is_none() {
        return;
    }
    let start = Arc::new(Barrier::new(4));
    let ask = || {
        let (library, start) = (Arc::clone(&library), Arc::clone(&start));
        std::thread::spawn(move || {
            let device = lavapipe(&library).unwrap();
            start.wait();
            std::ptr::from_ref(device.ladder()).addr()
        })
    };
    let asked: Vec<_> = (0..4).map(|_| ask()).collect();
    let seen: Vec<_> = asked.into_iter().map(|one| one.join().unwrap()).collect();
    assert!(seen.iter().all(|ladder| *ladder == seen[0]), "{seen:?}");
}

#[test]
fn only_the_rung_that_was_named_is_tried() {
    for only in RUNGS {
        let Some(device) = device(Some(only)) else {
            return;
        };
        let allowed = [only, Rung::Hidden, Rung::DeviceOnly];
        let rungs = device.ladder().rungs();
        assert!(rungs.iter().all(|rung| allowed.contains(rung)), "{rungs:?}");
        let uses: Vec<_> = RUNGS
            .into_iter()
            .filter(|rung| device.ladder().uses(*rung))
            .collect();
        assert!(uses.is_empty() || uses == [only], "{uses:?}");
    }
}
