//! What the user can do about records that do not get through.

use crate::commands::emit::result::Delivery;
use crate::commands::emit::{Remedies, Trouble, run_spool};
use crate::failure::Exit;
use crate::link::variables::PROXY_LOGIN;
use crate::model::delivery::{DeliveryStatus, in_words};

/// Advice about one destination.
pub struct Advice {
    /// Where records go, as it may be shown.
    pub address: String,
    remedies: Remedies,
    /// What has to be checked before anything gets through.
    checks: Vec<String>,
}

impl Advice {
    /// Nothing has failed so far.
    pub fn new(remedies: Remedies) -> Advice {
        Advice {
            address: String::new(),
            remedies,
            checks: Vec::new(),
        }
    }

    /// The command that sends later what was not delivered.
    pub fn drain(&self) -> String {
        self.remedies.drain()
    }

    /// How many records the server rejected, and what can be done about them.
    pub fn about_rejected(&self, count: u64) -> String {
        run_spool::rejected(count, &self.address, &self.remedies)
    }

    /// What keeps a record from getting through, in one line: status, address, what to check. The
    /// check is remembered.
    pub fn about(&mut self, delivery: &Delivery, end: Exit, answered: bool) -> Option<Trouble> {
        let problem = delivery.error.as_ref()?;
        let check = self.check_for(delivery, end, answered);
        let next = match (&check, end) {
            (Some(check), _) => check.clone(),
            (None, Exit::Undelivered) if delivery.status == DeliveryStatus::Kept => {
                format!("it is saved in the spool: '{}' tries again", self.drain())
            }
            (None, Exit::Undelivered) => "trying again later may help".to_owned(),
            (None, _) => return None,
        };
        let mut what = in_words(delivery.http, problem);
        if !what.contains(&self.address) {
            what = format!("{}: {what}", self.address);
        }
        self.remember(check);
        Some(Trouble { end, what, next })
    }

    /// What the user has to check, if that is what helps.
    fn check_for(&self, delivery: &Delivery, end: Exit, answered: bool) -> Option<String> {
        match end {
            Exit::Unauthorised if answered && delivery.http != Some(407) => {
                Some(self.remedies.check_key())
            }
            Exit::Unauthorised => Some(PROXY_LOGIN.to_owned()),
            Exit::Usage if answered => Some(self.remedies.check_address()),
            Exit::Usage => {
                Some("check the address (--url), SSL_CERT_FILE and the proxy variables".to_owned())
            }
            _ => None,
        }
    }

    fn remember(&mut self, checks: impl IntoIterator<Item = String>) {
        for check in checks {
            if !self.checks.contains(&check) {
                self.checks.push(check);
            }
        }
    }

    /// What has to be checked, each once.
    pub fn take_checks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.checks)
    }

    /// Adds the checks of another part of the same run.
    pub fn absorb(&mut self, other: Advice) {
        self.remember(other.checks);
    }
}
