//! A server of a test's own.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::net::{SocketAddr, TcpStream};

use confab_test_postgres::{Cluster, Programs};

fn address(cluster: &Cluster) -> SocketAddr {
    let url = cluster.url();
    url.trim_start_matches("postgres://postgres@").split('/').next().unwrap().parse().unwrap()
}

#[test]
fn it_comes_back_at_the_same_place_after_a_crash_and_goes_with_its_owner() {
    let programs = Programs::find()
        .unwrap_or_else(|| panic!("no PostgreSQL server programs: run `cargo xtask test`, which installs them"));
    let mut cluster = Cluster::start(programs).unwrap();
    let address = address(&cluster);
    TcpStream::connect(address).unwrap();
    cluster.crash().unwrap();
    assert!(TcpStream::connect(address).is_err(), "it still serves");
    cluster.crash().unwrap_err();
    cluster.restart().unwrap();
    TcpStream::connect(address).unwrap();
    drop(cluster);
    assert!(TcpStream::connect(address).is_err(), "it outlives its owner");
}
