//! `grpc.health.v1.Health`: what `/readyz` says, by gRPC. It belongs to no tenant and needs no token.

use super::{Messages, auth, call::Call};
use crate::{
    kit::{
        error::{Code, Error, Result},
        http::Routine,
    },
    server::Server,
};
use futures_util::{StreamExt, future::BoxFuture, stream};
use poem::{Request, Response};
use std::{sync::Arc, time::Duration};
use tenantry_proto::{
    Message,
    grpc::health::v1::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch::Receiver};

/// What the service is called.
pub(super) const SERVICE: &str = "grpc.health.v1.Health";
/// The method that tells each change.
pub(super) const WATCH: &str = "/Watch";
/// So many may watch a server at a time.
const WATCHERS: usize = 64;
/// How long after one look at the server the next one is.
const LOOK: Duration = Duration::from_secs(5);

/// The places of those who watch a server.
pub(super) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(WATCHERS))
}

/// The answer to a call, in no frame yet.
pub(super) async fn answer(request: Request) -> poem::Result<Response> {
    if !request.uri().path().ends_with("/Check") {
        return Err(Error::from(Code::NotYet).into());
    }
    let server = server_of(&request)?;
    let asked: HealthCheckRequest = Call::new(request).message().await?;
    if !is_known(&asked.service) {
        return Err(Error::from(Code::NotFound).into());
    }
    let mut answer = Response::builder().body(message(status(&server).await));
    answer.set_data(Routine);
    Ok(answer)
}

/// Tells how the server is, and again each time that has changed.
pub(super) fn watch(places: Arc<Semaphore>, request: Request) -> BoxFuture<'static, Result<Messages>> {
    Box::pin(async move {
        let place = places.try_acquire_owned();
        let place = place.map_err(|_| Error::later(Code::Busy))?;
        let server = server_of(&request)?;
        let asked: HealthCheckRequest = Call::new(request).message().await?;
        let watch = Watch {
            stopping: server.stopping(),
            server,
            is_known: is_known(&asked.service),
            told: None,
            _place: place,
        };
        Ok(stream::unfold(watch, Watch::next).boxed())
    })
}

/// Somebody who watches the server.
struct Watch {
    server: Server,
    stopping: Receiver<bool>,
    is_known: bool,
    told: Option<ServingStatus>,
    _place: OwnedSemaphorePermit,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Vec<u8>>, Self)> {
        loop {
            let now = match self.is_known {
                true => status(&self.server).await,
                false => ServingStatus::ServiceUnknown,
            };
            if self.told != Some(now) {
                self.told = Some(now);
                return Some((Ok(message(now)), self));
            }
            // A server that stops waits for nobody who only watches.
            if *self.stopping.borrow() {
                return Some((Err(Error::later(Code::Busy)), self));
            }
            let stops = self.stopping.wait_for(|is_stopping| *is_stopping);
            let _ = tokio::time::timeout(LOOK, stops).await;
        }
    }
}

fn server_of(request: &Request) -> Result<Server> {
    let server = request.data::<Server>().cloned();
    server.ok_or_else(|| Code::BadRequest.into())
}

fn is_known(service: &str) -> bool {
    ["", auth::SERVICE].contains(&service)
}

async fn status(server: &Server) -> ServingStatus {
    let is_stopping = *server.stopping().borrow();
    match is_stopping || Box::pin(server.ready()).await.is_err() {
        true => ServingStatus::NotServing,
        false => ServingStatus::Serving,
    }
}

fn message(status: ServingStatus) -> Vec<u8> {
    HealthCheckResponse { status: status.into() }.encode_to_vec()
}
