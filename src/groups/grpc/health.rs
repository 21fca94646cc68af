//! `grpc.health.v1.Health`: what `/readyz` says, by gRPC. It belongs to no tenant and needs no token.

use super::{auth, call::Call};
use crate::{
    kit::{
        error::{Code, Error},
        http::Routine,
    },
    server::Server,
};
use poem::{Request, Response};
use tenantry_proto::{
    Message,
    grpc::health::v1::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
};

/// What the service is called.
pub(super) const SERVICE: &str = "grpc.health.v1.Health";

/// The answer to a call, in no frame yet.
pub(super) async fn answer(request: Request) -> poem::Result<Response> {
    if !request.uri().path().ends_with("/Check") {
        return Err(Error::from(Code::NotYet).into());
    }
    let server = request.data::<Server>().cloned();
    let server = server.ok_or(Error::from(Code::BadRequest))?;
    let asked: HealthCheckRequest = Call::new(request).message().await?;
    if !["", auth::SERVICE].contains(&asked.service.as_str()) {
        return Err(Error::from(Code::NotFound).into());
    }
    let status = match Box::pin(server.ready()).await {
        Ok(()) => ServingStatus::Serving,
        Err(_) => ServingStatus::NotServing,
    };
    let message = HealthCheckResponse { status: status.into() };
    let mut answer = Response::builder().body(message.encode_to_vec());
    answer.set_data(Routine);
    Ok(answer)
}
