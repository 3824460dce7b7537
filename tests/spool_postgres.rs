//! The spool that hosts share, against a real PostgreSQL: the laws of every spool, who may do what,
//! and what happens when something dies.

mod access;
mod away;
mod crowd;
mod durable;
mod ending;
mod held;
mod laws;
mod model;
mod moving;
mod plans;
mod waiting;

use crate::support::postgres::{self, Cluster};
use crate::support::{PATIENCE, Place, Run};
use std::time::Instant;

/// A database with a spool in it, and where commands run.
pub struct Shared {
    pub cluster: &'static Cluster,
    pub place: Place,
    pub database: String,
    pub url: String,
}

impl Shared {
    /// A new spool on the server that tests share.
    pub fn new() -> Option<Shared> {
        Some(Shared::on(postgres::shared()?))
    }

    /// A new spool on a server.
    pub fn on(cluster: &'static Cluster) -> Shared {
        let database = cluster.database();
        let shared = Shared {
            url: cluster.url("owner", &database),
            place: Place::new(),
            database,
            cluster,
        };
        let _ = shared.spool(&["init"]).run().exits(0);
        shared
    }

    /// A command line on this spool, for a destination.
    pub fn run(&self, to: &str, args: &[&str]) -> Run {
        on_spool(&self.place, &self.url, to, args)
    }

    /// A command of `spool`.
    pub fn spool(&self, args: &[&str]) -> Run {
        let mut all = vec!["spool"];
        all.extend(args);
        self.run("http://localhost:9", &all)
    }

    /// What a statement answers.
    pub fn sql(&self, statement: &str) -> String {
        self.cluster.sql(&self.database, statement)
    }

    /// Waits for the statistics of the server: what a connection has read and written is counted when it
    /// has ended.
    pub fn wait_for_counts(&self) {
        let others = "SELECT count(*) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let deadline = Instant::now() + PATIENCE;
        while self.sql(others) != "0" {
            assert!(Instant::now() < deadline, "the connections do not end");
        }
    }

    /// How many records wait.
    pub fn ready(&self) -> usize {
        let count = self.sql("SELECT count(*) FROM hivelog.event");
        count.parse().expect("a number")
    }
}

/// A command line in a place, on a spool, for a destination.
pub fn on_spool(place: &Place, spool: &str, to: &str, args: &[&str]) -> Run {
    place
        .hivelog(args)
        .env("HIVELOG_SPOOL", spool)
        .env("HIVELOG_SYNCHIVE_URL", to)
        .env("HIVELOG_CONNECTOR", "c")
        .env("HIVELOG_KEY", "canary-7f3a")
}
