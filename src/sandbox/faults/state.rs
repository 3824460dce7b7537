//! Which faults strike which request: drawn in order, for each address by itself.

use super::{Faults, Injection};
use crate::sandbox::random::Random;

/// The addresses that faults strike. Each counts its own requests and has its own luck, so that
/// what happens at one does not depend on how the others are interleaved with it.
#[derive(Clone, Copy, Debug)]
pub enum FaultTarget {
    /// The event-log endpoint.
    EventLog,
    /// The login.
    Login,
    /// The renewal of a token.
    Renew,
    /// The events, over any transport.
    Events,
}

/// What is drawn for each address.
#[derive(Debug)]
pub struct FaultState([(Random, u64); 4]);

impl FaultState {
    /// Nothing has been drawn yet.
    pub fn new(seed: u64) -> FaultState {
        FaultState([0, 1, 2, 3].map(|target: u64| (Random::new(seed ^ (0x00fa_0175 + target)), 0)))
    }

    /// What the next request to an address has to go through.
    pub fn draw(&mut self, target: FaultTarget, faults: &Faults) -> Injection {
        let (random, number) = &mut self.0[target as usize];
        let injection = faults.injection(*number, random);
        *number += 1;
        injection
    }
}
