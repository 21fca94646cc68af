//! Requests that bring an `Idempotency-Key`: answered to the end, and kept.

use crate::{
    idempotency::Repeat,
    kit::{error::Error, request::to_the_end},
    server::Server,
};
use poem::{Endpoint, Response, endpoint::make};
use std::sync::Arc;

/// Answers a request with a key to the end, also when its client went away, and keeps the answer. Any
/// other request goes by.
pub(super) fn answer_once(inner: impl Endpoint<Output = Response> + 'static) -> impl Endpoint<Output = Response> {
    let inner = Arc::new(inner);
    make(move |mut request| {
        let inner = inner.clone();
        async move {
            let (Some(repeat), Some(server)) = (Repeat::of(&request), request.data::<Server>().cloned()) else {
                return inner.call(request).await;
            };
            request.set_data(repeat.clone());
            let answer = async move {
                let answer = inner.call(request).await;
                let services = &server.services;
                repeat.end((&services.db, &services.master), answer).await
            };
            // Rare, and as large as all that answers.
            Box::pin(to_the_end(answer)).await.map_err(Error::Internal)?
        }
    })
}
