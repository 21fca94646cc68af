//! `tenantry` without a command: the server.

use super::{log, say};
use crate::{
    account, app,
    config::Config,
    internal,
    kit::{clock::Clock, serve},
    server::Server,
    worker,
};
use anyhow::Context;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests that run at the end may still take; with [`CLOSE`], less than the ten seconds after
/// which most process managers kill.
const DRAIN: Duration = Duration::from_secs(8);
/// How long the databases may take to be closed.
const CLOSE: Duration = Duration::from_secs(1);

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let _log = log::start(&config)?;
    let listen = config.listen.clone();
    // Before anything is made: a second server on this port should leave no trace.
    let listener = TcpListener::bind(&listen).await;
    let listener = listener.with_context(|| format!("listening on {listen}"))?;
    let bounces = listen_at(config.bounce_listen.as_deref(), "for bounces").await?;
    let internal = listen_at(config.internal_listen.as_deref(), "for proxies").await?;
    for hint in config.hints() {
        tracing::warn!("{hint}");
    }
    let (server, first) = Server::start(config, Clock::default()).await?;
    if let Some(owner) = first {
        let password = match &owner.password {
            Some(password) => format!("the password {} (shown only now)", password.as_str()),
            None => "the configured password".to_owned(),
        };
        say(format!("First start: sign in as {} with {password}.", owner.name))?;
    } else if server.config.admin_password.is_some() {
        tracing::info!(
            "TENANTRY_ADMIN_PASSWORD is for the first start alone and changes nothing now; \
             `tenantry user set-password` sets a password"
        );
    }
    let base = server.config.base_url();
    say(format!(
        "Console: {base}/console/   Swagger UI: {base}/swagger-ui/   Documentation: {base}/docs/"
    ))?;
    let (stop, _) = tokio::sync::watch::channel(());
    let stopped = || {
        let mut stopped = stop.subscribe();
        async move {
            let _ = stopped.changed().await;
        }
    };
    let (worker_stop, server_stop, bounces_stop, internal_stop) = (stopped(), stopped(), stopped(), stopped());
    let worker = async { server.work(&worker::jobs(&server), worker_stop).await };
    let limits = server.config.limits(descriptors());
    let serving = serve::run(listener, app::routes(&server), limits, server_stop, DRAIN);
    let bounces = async {
        if let Some(listener) = bounces {
            account::receive_bounces(&server, listener, bounces_stop).await;
        }
    };
    let internal = answer_proxies(&server, internal, internal_stop);
    let signal = async {
        terminated().await;
        tracing::info!(
            "stopping: requests and messages under way have {} seconds",
            DRAIN.as_secs()
        );
        server.stop();
        let _ = stop.send(());
    };
    Box::pin(async { tokio::join!(serving, worker, bounces, internal, signal) }).await;
    // What still holds a connection then is given up with it.
    if tokio::time::timeout(CLOSE, server.close()).await.is_err() {
        tracing::warn!("stopped before every transaction had ended");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Answers proxies beside the server, if there is a listener for that.
async fn answer_proxies(server: &Server, listener: Option<TcpListener>, stop: impl Future<Output = ()>) {
    if let Some(listener) = listener {
        let limits = server.config.limits(descriptors());
        serve::run(listener, internal::routes(server), limits, stop, DRAIN).await;
    }
}

/// A listener for something besides, if there is to be one.
async fn listen_at(listen: Option<&str>, what: &str) -> anyhow::Result<Option<TcpListener>> {
    let Some(listen) = listen else { return Ok(None) };
    let listener = TcpListener::bind(listen).await;
    Ok(Some(listener.with_context(|| format!("listening on {listen} {what}"))?))
}

/// How many descriptors the process may have. It asks for as many as it is let: what a shell gives at first
/// is little, for programs that cannot count above it.
fn descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(_) => current.unwrap_or(u64::MAX),
    }
}

/// Resolves at SIGTERM or SIGINT.
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}
