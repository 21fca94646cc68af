//! `grpc.health.v1.Health`: for whoever looks whether the server does its work.

use super::{AUTH, Answer, Call};
use crate::support::{Tenant, TestApp};
use tenantry_proto::{
    Message,
    grpc::health::v1::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus},
};

async fn ask(tenant: &Tenant<'_>, method: &str, service: &str) -> Answer {
    let service = service.to_owned();
    let mut call = Call::new("", &HealthCheckRequest { service });
    call.path = format!("/grpc.health.v1.Health/{method}");
    call.send(&tenant.anybody()).await
}

#[tokio::test]
async fn the_server_and_its_service_say_how_they_are_to_anybody() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    for tenant in [&app.default_tenant(), &acme] {
        for service in ["", AUTH] {
            let answer = ask(tenant, "Check", service).await;
            let said = HealthCheckResponse::decode(answer.message()).unwrap();
            assert_eq!(said.status(), ServingStatus::Serving, "{service:?}");
        }
        let unknown = ask(tenant, "Check", "zitadel.admin.v1.AdminService").await;
        assert_eq!(unknown.refusal(), (5, "not_found".to_owned()));
        let strange = ask(tenant, "Listen", "").await;
        assert_eq!(strange.refusal(), (12, "not_yet".to_owned()));
    }
}

#[tokio::test]
async fn a_server_without_its_database_does_not_serve() {
    let app = TestApp::start().await;
    let nobody = app.default_tenant();
    app.app.close().await;
    let answer = ask(&nobody, "Check", "").await;
    let said = HealthCheckResponse::decode(answer.message()).unwrap();
    assert_eq!(said.status(), ServingStatus::NotServing);
}
