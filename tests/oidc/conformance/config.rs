//! The Config plan.

use super::plan::{Mode, Plan};
use crate::oidc::published;

/// Checks that what is announced is where the issuer says, and that keys are published. Not that each address is
/// reached by https, since tests have none.
#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let plan = Plan::start(Mode::Query).await;
    let tenant = plan.tenant();
    let metadata = tenant
        .anybody()
        .get("/.well-known/openid-configuration")
        .await
        .expect(200);
    assert_eq!(metadata["issuer"], plan.app.base);
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ] {
        let address = metadata[name].as_str().unwrap_or_else(|| panic!("{name}: {metadata}"));
        assert!(address.starts_with(&format!("{}/", plan.app.base)), "{name}: {address}");
    }
    for (name, word) in [
        ("response_types_supported", "code"),
        ("response_modes_supported", "form_post"),
        ("grant_types_supported", "authorization_code"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        ("token_endpoint_auth_methods_supported", "client_secret_basic"),
    ] {
        let list = metadata[name]
            .as_array()
            .unwrap_or_else(|| panic!("{name}: {metadata}"));
        assert!(list.iter().any(|known| known == word), "{name}: {list:?}");
    }
    // What a client takes for true if it is absent.
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    let keys = published(&tenant).await;
    assert!(
        keys.iter().all(|key| key["kid"].is_string() && key["d"].is_null()),
        "{keys:?}"
    );
}
