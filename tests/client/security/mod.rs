//! Who a client is: by password, address, SASL or certificate, on the first connection and on
//! every later one. (Kerberos needs a library and a KDC: `kerberos/`.)

mod identities;
pub mod sasl;
mod tls;

use zooscope::client::{Client, ErrorKind, Options, SessionState};
use zooscope::proto::ErrorCode;

use crate::common::{path, soon};

/// Opens a client that is refused for good, and tells why.
pub async fn failure(options: Options) -> String {
    let hosts = options.hosts().servers()[0].to_string();
    let client = Client::connect(options);
    let reached = soon("a final state", client.connected()).await;
    assert_eq!(reached, Err(SessionState::AuthFailed));
    let error = client.get(&path("/")).await.expect_err("over");
    assert!(matches!(error.kind(), ErrorKind::AuthFailed(_)), "{error}");
    assert_eq!(error.code(), Some(ErrorCode::AuthFailed));
    let text = error.to_string();
    assert!(text.contains(&hosts), "{text}");
    text
}
