//! Stored settings stay readable: rows as they have always been, and what they say on the wire.

use super::*;
use crate::{account::SignUp, captcha::Captcha, limit::Limits, password::Policy, session::Sessions};
use poem_openapi::types::ToJSON;

/// Reads a row, and answers with what the wire shows of it. Written again, it is the same row.
fn shown<T: Setting + ToJSON>(row: &str) -> Value {
    let setting: T = serde_json::from_str(row).unwrap();
    assert_eq!(serde_json::to_string(&setting).unwrap(), row);
    setting.to_json().unwrap()
}

/// Reads a row that is on the wire as it is stored.
fn is_same<T: Setting + ToJSON>(row: &str) {
    assert_eq!(shown::<T>(row), serde_json::from_str::<Value>(row).unwrap());
}

#[test]
fn a_policy_that_was_stored_is_read_as_it_was_meant() {
    assert_eq!(
        shown::<Authentication>(r#"{"basic":true}"#),
        json!({ "basicAuth": true })
    );
    is_same::<Sessions>(r#"{"accessTokenSeconds":600,"idleSeconds":3000,"absoluteSeconds":3001,"mostPerUser":9}"#);
    is_same::<SignUp>(
        r#"{"mode":"invited","allowedDomains":["example.com",".b.example"],"blockedDomains":["c.example"],"verifyBeforeSignIn":true,"addressesTold":true}"#,
    );
    is_same::<Limits>(
        r#"{"signInPair":{"free":3,"firstSeconds":10,"longestSeconds":70,"most":9},"signInAccount":{"free":20,"firstSeconds":30,"longestSeconds":3600,"most":50},"signInNetwork":{"most":100,"seconds":600},"signInTenant":{"most":1000,"seconds":600},"codePause":{"most":1,"seconds":60},"codeAddress":{"most":5,"seconds":600},"codeAddressLong":{"most":20,"seconds":86400},"codeNetwork":{"most":100,"seconds":3600},"codeTenant":{"most":3000,"seconds":3600},"tryAddress":{"most":10,"seconds":86400},"tryNetwork":{"most":30,"seconds":3600},"tryTenant":{"most":100,"seconds":600},"signUpNetwork":{"most":100,"seconds":3600},"signUpTenant":{"most":1000,"seconds":3600},"lookUpNetwork":{"most":7,"seconds":8},"captchaNetwork":{"most":30,"seconds":600},"clientNetwork":{"most":300,"seconds":600},"providerBeginNetwork":{"most":30,"seconds":600},"providerCallbackNetwork":{"most":60,"seconds":600}}"#,
    );
}

#[test]
fn applications_are_stored_by_their_client_id_and_shown_as_a_list() {
    let shown = shown::<Branding>(
        r##"{"displayName":"Acme","color":"#112233","logoUrl":"https://a.example/x.png","homeUrl":null,"applications":{"apple":{"displayName":"A","color":null,"logoUrl":null,"homeUrl":null},"zoo":{"displayName":"Zoo","color":"#aabbcc","logoUrl":null,"homeUrl":"https://z.example/"}}}"##,
    );
    let expected = json!({
        "displayName": "Acme", "color": "#112233", "logoUrl": "https://a.example/x.png",
        "applications": [
            { "clientId": "apple", "displayName": "A" },
            { "clientId": "zoo", "displayName": "Zoo", "color": "#aabbcc", "homeUrl": "https://z.example/" },
        ],
    });
    assert_eq!(shown, expected);
}

#[test]
fn a_secret_is_stored_sealed_and_shown_as_there() {
    let row = r#"{"provider":"hcaptcha","siteKey":"abc-1","secret":{"sealed":"AWMC5DKU","setAt":"2026-11-28T08:15:08.180768Z"},"hostnames":["www.a.example"],"minScore":0.7,"required":{"signUp":true,"sendCode":false,"resetPassword":true,"signIn":"afterFailures"},"onOutage":"allow"}"#;
    let expected = json!({
        "provider": "hcaptcha", "siteKey": "abc-1", "secretSet": true, "hostnames": ["www.a.example"], "minScore": 0.7,
        "required": { "signUp": true, "sendCode": false, "resetPassword": true, "signIn": "afterFailures" },
        "onOutage": "allow",
    });
    assert_eq!(shown::<Captcha>(row), expected);
    let none = r#"{"provider":"none","siteKey":"","secret":null,"hostnames":[],"minScore":0.5,"required":{"signUp":false,"sendCode":false,"resetPassword":false,"signIn":"never"},"onOutage":"refuse"}"#;
    assert_eq!(shown::<Captcha>(none)["secretSet"], false);
}

#[test]
fn rules_of_passwords_are_stored_apart_from_the_preset_and_shown_spelled_out() {
    let row = r#"{"preset":"custom","words":["words","äpfel"],"custom":{"minLength":6,"maxLength":64,"classes":["lower","upper"],"common":false,"contextWords":true,"minScore":0}}"#;
    let policy: Policy = serde_json::from_str(row).unwrap();
    assert_eq!(serde_json::to_string(&policy).unwrap(), row);
    let expected = json!({
        "preset": "custom", "minLength": 6, "maxLength": 64, "requireClasses": ["lower", "upper"],
        "blocklist": { "common": false, "contextWords": true, "words": ["words", "äpfel"] },
        "minEstimatorScore": 0,
    });
    assert_eq!(policy.rules().to_json().unwrap(), expected);
}
