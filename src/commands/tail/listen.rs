//! Events that are sent to us.

use crate::commands::tail::position::{PositionFile, Tracked};
use crate::commands::tail::session::Session;
use crate::commands::tail::{ReadyFile, once};
use crate::failure::{Exit, Failure};
use crate::host;
use crate::link::listener::{
    Listener, ListenerOptions, ReceivedRequest, Receiving, RequestOutcome,
};
use crate::wire::envelope::{Layout, Opener};
use tokio::sync::oneshot;

/// Receives until the run is over.
pub(super) async fn serve(
    mut options: ListenerOptions,
    layout: Layout,
    position_file: Option<PositionFile>,
    ready: &ReadyFile,
    session: &Session<'_>,
) -> Result<Option<Failure>, Failure> {
    let wanted = options.address;
    let open = options.secret.is_none() && !wanted.ip().is_loopback();
    let about = |error| {
        let mut failure = Failure::io(format!("cannot listen on {wanted}"), error);
        failure.exit = Exit::Usage;
        failure.hint("choose another address, or --listen :0 for any free port")
    };
    // A position that is lost after the answer would let a repeat through.
    options.confirmed |= position_file.is_some();
    host::raise_descriptor_limit();
    let path = options.path.clone().unwrap_or_default();
    let listener = Listener::bind(options, layout.clone()).map_err(about)?;
    let address = format!("http://{}{path}", listener.address().map_err(about)?);
    session.remark(&format!("listening on {address}"));
    if open {
        session.remark(
            "anyone who can reach this address can send events; set HIVELOG_LISTEN_SECRET to require a shared secret",
        );
    }
    let follow = Tracked::new(once(false), position_file, session)?;
    let receiving = listener.serve().map_err(about)?;
    ready.announce(&address).await?;
    let mut sink = RequestSink {
        receiving,
        opener: session.opener(layout),
        follow,
        session,
        received: 0,
        unwritten: Vec::new(),
    };
    loop {
        let Receiving {
            requests, failed, ..
        } = &mut sink.receiving;
        let next = async {
            tokio::select! {
                request = requests.recv() => Ok(request),
                Ok(error) = failed => Err(error),
            }
        };
        match session.waiting(next).await.map_err(about)? {
            Some(request) => sink.take_all(request),
            None => return Ok(None),
        }
        if session.is_over() {
            return Ok(None);
        }
    }
}

/// Hands on what was received.
struct RequestSink<'s, 'a> {
    receiving: Receiving,
    follow: Tracked<'s, 'a>,
    opener: Opener,
    session: &'s Session<'a>,
    received: u64,
    /// Senders that wait until their events are saved.
    unwritten: Vec<oneshot::Sender<()>>,
}

/// How many requests are saved together, at most.
const TOGETHER: usize = 64;

impl RequestSink<'_, '_> {
    /// Accepts a request, and those that have come meanwhile if its sender waits until it is saved.
    fn take_all(&mut self, request: ReceivedRequest) {
        self.take(request);
        while (1..TOGETHER).contains(&self.unwritten.len())
            && !self.session.is_over()
            && let Ok(request) = self.receiving.requests.try_recv()
        {
            self.take(request);
        }
        self.confirm();
    }

    fn take(&mut self, request: ReceivedRequest) {
        self.received += 1;
        let place = || format!("request {}", self.received);
        match &request.outcome {
            RequestOutcome::Accepted(batch) => {
                for value in batch.values() {
                    let RequestSink {
                        session,
                        opener,
                        follow,
                        ..
                    } = self;
                    session.value(opener, (None, value), follow, None, &place);
                }
            }
            RequestOutcome::Rejected(why) => self.session.remark(why),
        }
        self.session.notices(&mut self.follow, None);
        self.unwritten.extend(request.written);
        self.follow.keep();
    }

    /// Saves what was accepted, and answers those who wait for it.
    fn confirm(&mut self) {
        if !self.unwritten.is_empty() && self.session.hand_over() && self.follow.keep_now() {
            for written in self.unwritten.drain(..) {
                // Whoever does not wait any more was answered 503.
                let _ = written.send(());
            }
        }
        // Dropped unanswered, the others learn that nothing more is accepted.
        self.unwritten.clear();
    }
}

/// What was accepted with a good answer is shown even if the user stops the run.
impl Drop for RequestSink<'_, '_> {
    fn drop(&mut self) {
        self.receiving.requests.close();
        while !self.session.is_over()
            && let Ok(request) = self.receiving.requests.try_recv()
        {
            self.take(request);
        }
        self.confirm();
    }
}
