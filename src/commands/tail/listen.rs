//! Events that are sent to us.

use crate::commands::tail::Ready;
use crate::commands::tail::position::{Keeper, Tracked};
use crate::commands::tail::recorded::once;
use crate::commands::tail::session::Session;
use crate::failure::{Exit, Failure};
use crate::link::listener::{Listener, Options, Outcome, Receiving};

/// Receives until the run is over.
pub(super) async fn serve(
    options: Options,
    keeper: Option<Keeper>,
    ready: &Ready,
    session: &Session<'_>,
) -> Result<Option<Failure>, Failure> {
    let wanted = options.address;
    let open = options.secret.is_none() && !wanted.ip().is_loopback();
    let about = |error| {
        let mut failure = Failure::io(format!("cannot listen on {wanted}"), error);
        failure.exit = Exit::Usage;
        failure.hint("another port may be free: --listen :0 takes any")
    };
    let listener = Listener::bind(options, session.envelope()).map_err(about)?;
    let address = format!("http://{}", listener.address().map_err(about)?);
    session.remark(&format!("listening on {address}"));
    if open {
        session.remark(
            "anyone who reaches this address can send events: a shared secret in HIVELOG_LISTEN_SECRET keeps others out",
        );
    }
    let follow = Tracked::new(once(), keeper, session)?;
    let receiving = listener.serve().map_err(about)?;
    ready.tell(&address).await?;
    let mut desk = Desk {
        receiving,
        follow,
        session,
        received: 0,
    };
    loop {
        let Receiving {
            requests, failed, ..
        } = &mut desk.receiving;
        let next = async {
            tokio::select! {
                request = requests.recv() => Ok(request),
                Ok(error) = failed => Err(error),
            }
        };
        match session.waiting(next).await.map_err(about)? {
            Some(request) => desk.take(&request.outcome),
            None => return Ok(None),
        }
        if session.is_over() {
            return Ok(None);
        }
    }
}

/// Where what was received is handed on.
struct Desk<'s, 'a> {
    receiving: Receiving,
    follow: Tracked<'s, 'a>,
    session: &'s Session<'a>,
    received: u64,
}

impl Desk<'_, '_> {
    fn take(&mut self, outcome: &Outcome) {
        self.received += 1;
        let place = || format!("request {}", self.received);
        match outcome {
            Outcome::Taken(values) => {
                for value in values {
                    self.session.value(value, &mut self.follow, None, &place);
                }
            }
            Outcome::Refused(why) => self.session.remark(why),
        }
        for notice in self.follow.notices() {
            self.session.notice(&notice, None);
        }
        self.follow.keep();
    }
}

/// What was taken with a good answer is shown even if the user stops the run.
impl Drop for Desk<'_, '_> {
    fn drop(&mut self) {
        self.receiving.requests.close();
        while !self.session.is_over()
            && let Ok(request) = self.receiving.requests.try_recv()
        {
            self.take(&request.outcome);
        }
    }
}
