//! Requests that bring an `Idempotency-Key`: answered to the end, and kept.

use crate::{
    idempotency::Repeat,
    kit::{
        error::{Code, Error},
        request::to_the_end,
    },
    server::Server,
};
use futures_util::future::Either;
use poem::{Endpoint, Request, Response};
use std::sync::Arc;

/// Answers a request with a key to the end, also when its client went away, and keeps the answer. Any
/// other request goes by.
pub(super) fn answer_once(inner: impl Endpoint<Output = Response> + 'static) -> impl Endpoint<Output = Response> {
    Once(Arc::new(inner))
}

struct Once<E>(Arc<E>);

impl<E: Endpoint<Output = Response> + 'static> Endpoint for Once<E> {
    type Output = Response;

    /// No `async` block around the common case: each one carries the request once more.
    fn call(&self, request: Request) -> impl Future<Output = poem::Result<Response>> + Send {
        match Repeat::of(&request) {
            None => Either::Left(self.0.call(request)),
            Some(repeat) => Either::Right(Box::pin(answer(self.0.clone(), repeat, request))),
        }
    }
}

async fn answer<E>(inner: Arc<E>, repeat: Repeat, mut request: Request) -> poem::Result<Response>
where
    E: Endpoint<Output = Response> + 'static,
{
    let server = request.data::<Server>().cloned();
    let server = server.ok_or(Error::from(Code::BadRequest))?;
    request.set_data(repeat.clone());
    let answer = async move {
        let answer = inner.call(request).await;
        let services = &server.services;
        repeat.end((&services.db, &services.master), answer).await
    };
    to_the_end(answer).await.map_err(Error::Internal)?
}
