//! Events that are sent to us.

use super::Ready;
use super::position::{Keeper, Tracked};
use super::recorded::once;
use super::session::Session;
use crate::failure::{Exit, Failure};
use crate::link::listener::{Listener, Options};

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
    let listener = Listener::bind(options).await.map_err(about)?;
    let address = format!("http://{}", listener.address().map_err(about)?);
    session.remark(&format!("listening on {address}"));
    if open {
        session.remark(
            "anyone who reaches this address can send events: a shared secret in HIVELOG_LISTEN_SECRET keeps others out",
        );
    }
    ready.tell(&address)?;
    let mut follow = Tracked::new(once(), keeper, session)?;
    let (mut bodies, serving) = listener.serve();
    let mut received = 0_u64;
    let showing = async {
        while let Some(body) = session.waiting(bodies.recv()).await {
            received += 1;
            session.value(&body, &mut follow, None, &|| format!("request {received}"));
            for notice in follow.notices() {
                session.notice(&notice, None);
            }
            follow.keep();
            if session.is_over() {
                break;
            }
        }
    };
    tokio::select! {
        () = showing => Ok(None),
        served = serving => served.map(|()| None).map_err(about),
    }
}
