//! Resources cost no fd. In a program of its own: it counts what the whole process holds.

mod common;

use std::sync::Arc;

use common::canvas::Canvas;
use common::{Client, OwnedReply, final_stats};
use door_vtest::Server;
use wire_vtest::{Request, ResourceCreate, ResourceHandle};

const SHAPE: ResourceCreate = ResourceCreate {
    handle: ResourceHandle(0),
    target: 2,
    format: 4,
    bind: 2,
    width: 32,
    height: 32,
    depth: 1,
    array_size: 1,
    last_level: 0,
    nr_samples: 0,
};

#[test]
fn a_thousand_resources_hold_no_fd() {
    let canvas = Arc::new(Canvas::default());
    let server = Server::new(Arc::clone(&canvas) as _).unwrap();
    let mut client = Client::connect(&server);
    client.create_renderer("test");
    client.negotiate(4);
    let mut before = None;
    for _ in 0..1000 {
        let request = Request::ResourceCreate2(SHAPE, 4096);
        let OwnedReply::Resource(handle, Some(fd)) = client.call(&request) else {
            panic!("no resource");
        };
        drop(fd);
        // The server lets go of its end before it reads on.
        client.expect_alive();
        let now = fds();
        assert_eq!(*before.get_or_insert(now), now);
        if handle.0 % 2 == 0 {
            client.send(&Request::ResourceUnref(handle));
        }
    }
    client.expect_alive();
    drop(client);
    assert_eq!(final_stats(&server).totals.resources, 1000);
    assert_eq!(canvas.live(), 0);
}

fn fds() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
