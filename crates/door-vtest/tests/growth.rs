//! A thousand clients leave nothing behind. In a program of its own: it counts what the
//! whole process holds.

mod common;

use std::time::{Duration, Instant};

use common::{Client, INCREMENT, PATIENCE, final_stats, is_readable, server};
use wire_vtest::BlobType;

#[test]
fn a_thousand_clients_leave_no_fd_and_no_thread() {
    let (server, _) = server();
    run_clients(&server, 10);
    let before = (count("fd"), count("task"));
    run_clients(&server, 1000);
    let after = (count("fd"), count("task"));
    assert_eq!(before, after, "(fds, threads)");
    assert_eq!(final_stats(&server).clients, 1010);
}

fn run_clients(server: &door_vtest::Server, clients: usize) {
    for _ in 0..clients {
        let mut client = Client::in_context(server);
        let (resource, _fd) = client.create_blob(BlobType::Host3d, 0, 4096);
        let sync = client.create_sync(0);
        // A wait that is satisfied, and one that never will be.
        client.submit(&[INCREMENT, resource], Some(0), &[(sync, 1)]);
        let wait = client.wait(false, u32::MAX, &[(sync, 1)]);
        client.wait(false, u32::MAX, &[(sync, 2)]);
        assert!(is_readable(&wait, PATIENCE));
    }
    final_stats(server);
    // A thread that is joined may still be in the kernel's list for a moment.
    let deadline = Instant::now() + PATIENCE;
    while count("task") > 2 {
        assert!(Instant::now() < deadline, "threads are left");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn count(what: &str) -> usize {
    std::fs::read_dir(format!("/proc/self/{what}"))
        .unwrap()
        .count()
}
