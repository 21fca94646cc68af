//! Serves requests on a listener, within deadlines and bounds for connections.
//!
//! poem's own server knows one deadline, for silence, and goes round and round when there are no
//! descriptors left: whoever trickles bytes on many connections keeps everybody else out.

mod body;
mod connection;
mod places;

use body::Incoming;
use connection::Watched;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use ipnet::IpNet;
use places::{Place, Places};
use poem::{
    Endpoint, Response,
    http::{HeaderValue, Request, header, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How long a client that is let go may still take, and what connections there may be.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long the head of a request may take.
    pub head: Duration,
    /// How long a body may take, besides what it takes at [`RATE`].
    pub body: Duration,
    /// How many connections there may be in all.
    pub connections: usize,
    /// How many of them from one address, or network of IPv6 (/64).
    pub per_address: usize,
    /// Proxies, which bring the connections of many people.
    pub proxies: Vec<IpNet>,
}

/// What a client must take or send of a body, in bytes a second.
pub const RATE: u64 = 16 << 10;
/// How long a connection may lie unused between requests.
const IDLE: Duration = Duration::from_mins(1);
/// How often connections are looked through for those past a deadline.
const ROUND: Duration = Duration::from_secs(1);

/// Serves until `stop` resolves; then requests under way have `drain` to end.
pub async fn run<E>(listener: TcpListener, endpoint: E, limits: Limits, stop: impl Future<Output = ()>, drain: Duration)
where
    E: Endpoint<Output = Response> + 'static,
{
    let served = Arc::new(Served {
        endpoint,
        local: LocalAddr(
            listener
                .local_addr()
                .map_or(poem::Addr::custom("tcp", ""), poem::Addr::from),
        ),
        body: limits.body,
    });
    tracing::info!(addr = %served.local, "listening");
    let places = Arc::new(Places::new(limits));
    let (ending, ended) = watch::channel(());
    tokio::select! {
        () = stop => {}
        () = accept(&listener, &served, &places, &ended) => {}
        () = look_through(&places) => {}
    }
    drop((listener, ended));
    // The signal to connections: whoever is between requests ends, whoever is in one ends after it.
    ending.send_replace(());
    let _ = tokio::time::timeout(drain, places.emptied()).await;
    places.end_all();
}

/// What every connection has in common.
struct Served<E> {
    endpoint: E,
    local: LocalAddr,
    body: Duration,
}

/// Takes connections as long as there are places, and makes some where clients only wait.
async fn accept<E>(listener: &TcpListener, served: &Arc<Served<E>>, places: &Arc<Places>, ended: &watch::Receiver<()>)
where
    E: Endpoint<Output = Response> + 'static,
{
    loop {
        while places.are_taken() {
            places.make_room(&"all connections that may be are open").await;
        }
        match listener.accept().await {
            Ok((stream, from)) => {
                if let Some(place) = places.take(from.ip()) {
                    let (id, served, ended) = (place.id(), served.clone(), ended.clone());
                    let task = tokio::spawn(connection(stream, from, served, place, ended));
                    places.led_by(id, task.abort_handle());
                }
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => places.make_room(&error).await,
        }
    }
}

/// Whether the client was gone before its connection was taken: nothing is wrong with the server.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// Ends connections that are past a deadline: one look at all of them costs less than a timer for each.
async fn look_through(places: &Places) {
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        rounds.tick().await;
        places.end_late();
    }
}

async fn connection<E>(
    stream: TcpStream,
    from: SocketAddr,
    served: Arc<Served<E>>,
    place: Place,
    mut ended: watch::Receiver<()>,
) where
    E: Endpoint<Output = Response> + 'static,
{
    let stage = place.stage().clone();
    let service = hyper::service::service_fn(|request| {
        let (served, under_way) = (served.clone(), stage.begin());
        // It is copied several times before it begins, so it is boxed.
        Box::pin(async move {
            let answer = answer(&served, request, from).await;
            Ok::<_, Infallible>(answer.map(|body| body::until_sent(body, under_way)))
        })
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http2()
        .max_concurrent_streams(100)
        .max_pending_accept_reset_streams(20)
        .max_header_list_size(16 << 10);
    let io = TokioIo::new(Watched::new(stream, stage.clone()));
    let serving = builder.serve_connection(io, service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        _ = &mut serving => return,
        _ = ended.changed() => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}

/// The answer to a request. One that was given before the body had come is told apart here, for every
/// operation: the rest of the body is read for a while, since a client that is still sending would
/// be cut off and see no answer; and one that would go on for longer is told to open another connection.
async fn answer<E>(
    served: &Served<E>,
    request: Request<hyper::body::Incoming>,
    from: SocketAddr,
) -> poem::http::Response<body::Outgoing>
where
    E: Endpoint<Output = Response> + 'static,
{
    let body = Incoming::of(&request, served.body);
    let from = RemoteAddr(from.into());
    let mut request = poem::Request::from((request, served.local.clone(), from, Scheme::HTTP));
    let rest = body.map(|body| body.lend_to(&mut request));
    let mut answer = served.endpoint.get_response(request).await;
    if rest.is_some_and(|rest| rest.is_too_long()) {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
    }
    answer.into()
}
