//! A provider that does not answer, or not in time, or not sensibly.

use super::{PROVIDERS, put, sign_in, solved, spec, start};
use crate::support::siteverify::Fault;
use serde_json::json;

#[tokio::test]
async fn an_outage_refuses_or_allows_by_policy() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let faults = [
        Fault::Closed,
        Fault::Failed,
        Fault::Internal,
        Fault::Nonsense,
        Fault::Endless,
        Fault::Elsewhere,
    ];
    for provider in PROVIDERS {
        for (on_outage, status) in [("refuse", 503), ("allow", 200)] {
            put(&owner, spec(provider, json!({ "onOutage": on_outage })))
                .await
                .expect(200);
            for fault in faults {
                let again = provider == "turnstile" || matches!(fault, Fault::Closed);
                siteverify.fail(&[fault, fault][..if again { 2 } else { 1 }]);
                let token = siteverify.solve(solved(provider, "sign-in"));
                let reply = sign_in(&tenant, Some(&token)).await;
                assert_eq!(reply.status.as_u16(), status, "{provider} {fault:?}: {}", reply.text);
                assert_eq!(
                    siteverify.asked().len(),
                    if again { 2 } else { 1 },
                    "{provider} {fault:?}"
                );
                if status == 503 {
                    assert_eq!(reply.header("retry-after"), "10");
                    reply.expect_problem(503, "captcha_unavailable");
                }
            }
        }
    }
}

#[tokio::test]
async fn turnstile_is_asked_again_with_the_same_key() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    put(&tenant.owner().await, spec("turnstile", json!({})))
        .await
        .expect(200);
    let mut keys = vec![];
    for fault in [Fault::Internal, Fault::Failed, Fault::Closed, Fault::ClosedAfterwards] {
        siteverify.fail(&[fault]);
        let token = siteverify.solve(solved("turnstile", "sign-in"));
        sign_in(&tenant, Some(&token)).await.expect(200);
        let asked = siteverify.asked();
        assert_eq!(asked.len(), 2, "{fault:?}");
        assert_eq!(asked[0].form, asked[1].form);
        keys.push(asked[0].form["idempotency_key"].clone());
    }
    keys.dedup();
    assert_eq!(keys.len(), 4, "each request has its own key");
}

#[tokio::test]
async fn others_are_asked_again_only_if_no_answer_came() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for provider in ["hcaptcha", "recaptcha"] {
        put(&owner, spec(provider, json!({}))).await.expect(200);
        for (fault, status, tries) in [
            (Fault::Closed, 200, 2),
            (Fault::ClosedAfterwards, 400, 2),
            (Fault::Failed, 503, 1),
            (Fault::Internal, 503, 1),
        ] {
            siteverify.fail(&[fault]);
            let token = siteverify.solve(solved(provider, "sign-in"));
            sign_in(&tenant, Some(&token)).await.expect(status);
            assert_eq!(siteverify.asked().len(), tries, "{provider} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_stands_also_where_outages_allow() {
    let (app, siteverify) = start().await;
    let tenant = app.default_tenant();
    put(&tenant.owner().await, spec("turnstile", json!({ "onOutage": "allow" })))
        .await
        .expect(200);
    siteverify.fail(&[Fault::Internal]);
    sign_in(&tenant, Some("nonsense"))
        .await
        .expect_problem(400, "captcha_failed");
    sign_in(&tenant, None).await.expect_problem(400, "captcha_required");
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_not_waited_for_long() {
    let (app, siteverify) = start().await;
    let (strict, lenient) = (app.default_tenant(), app.tenant("lenient").await);
    put(&strict.owner().await, spec("turnstile", json!({})))
        .await
        .expect(200);
    put(
        &lenient.owner().await,
        spec("turnstile", json!({ "onOutage": "allow" })),
    )
    .await
    .expect(200);
    siteverify.fail(&[Fault::Silence; 4]);
    let (refused, allowed) = tokio::join!(sign_in(&strict, Some("a")), sign_in(&lenient, Some("b")));
    refused.expect_problem(503, "captcha_unavailable");
    allowed.expect(200);
    assert_eq!(siteverify.asked().len(), 4);
}
