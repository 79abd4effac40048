//! Sockets in the file system.

mod common;

use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use common::{Client, PATIENCE, server};
use door_vtest::{BindError, Listener};
use wire_vtest::Version;

#[test]
fn a_socket_is_made_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let listener = Listener::bind(&path).unwrap();
    assert_eq!(listener.path(), path);
    assert!(matches!(Listener::bind(&path), Err(BindError::InUse(_))));
    drop(listener);
    assert!(!path.exists());
}

#[test]
fn a_dead_servers_socket_is_replaced_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(Listener::bind(&path).unwrap());

    std::fs::write(&path, "precious").unwrap();
    assert!(matches!(
        Listener::bind(&path),
        Err(BindError::NotASocket(_))
    ));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");

    let nowhere = dir.path().join("none/socket");
    assert!(matches!(
        Listener::bind(&nowhere),
        Err(BindError::Io { .. })
    ));
    let too_long = dir.path().join("x".repeat(200));
    assert!(matches!(
        Listener::bind(&too_long),
        Err(BindError::Io { .. })
    ));
}

#[test]
fn another_servers_socket_is_not_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let listener = Listener::bind(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    drop(listener);
    assert!(path.exists());
}

fn client(path: &std::path::Path) -> Client {
    let stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut client = Client {
        stream,
        version: Version::V0,
    };
    client.create_renderer("test");
    client.expect_alive();
    client
}

#[test]
fn many_clients_are_served_until_the_server_stops() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let listener = Listener::bind(&path).unwrap();
    let (server, _) = server();
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| server.serve(&listener));
        let mut clients: Vec<Client> = (0..20).map(|_| client(&path)).collect();
        assert_eq!(server.client_count(), 20);
        clients.iter_mut().for_each(Client::expect_alive);
        assert!(server.stop(PATIENCE));
        serving.join().unwrap().unwrap();
        clients.iter_mut().for_each(Client::expect_hang_up);
    });
}

#[test]
fn one_client_can_be_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let listener = Listener::bind(&path).unwrap();
    let (server, _) = server();
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| server.serve_one(&listener));
        let client = client(&path);
        std::thread::sleep(Duration::from_millis(20));
        assert!(!serving.is_finished());
        drop(client);
        serving.join().unwrap().unwrap();
    });
    assert_eq!(server.stats().clients, 1);
}
