//! The gate in front of every face, health and reflection too: a connection's caller becomes that of each of its calls,
//! and whoever has no good certificate gets no further.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use futures::future::Either;
use tonic::body::Body;
use tonic::codegen::{Service, http};

use crate::caller::{Caller, CallerFault};
use crate::incoming::Met;
use crate::status::caller_refused;
use crate::tally::{Tally, Turned};

/// The gate before a service.
#[derive(Clone)]
pub(crate) struct Gate<S> {
    pub(crate) inside: S,
    pub(crate) tally: Arc<Tally>,
}

impl<S, B> Service<http::Request<B>> for Gate<S>
where
    S: Service<http::Request<B>, Response = http::Response<Body>>,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Self::Response, Self::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inside.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        match recognise(request.extensions().get::<Met>()) {
            Ok(caller) => {
                request.extensions_mut().insert(caller);
                Either::Left(self.inside.call(request))
            }
            Err(fault) => {
                self.tally.turned.add(turned(&fault));
                Either::Right(ready(Ok(caller_refused(&fault).into_http())))
            }
        }
    }
}

/// Whom a call is from, as of now.
fn recognise(met: Option<&Met>) -> Result<Caller, CallerFault> {
    let caller = match met {
        Some(Met(Ok(caller))) => caller.clone(),
        Some(Met(Err(fault))) => return Err(CallerFault::Foreign(*fault)),
        None => return Err(CallerFault::Foreign(crate::caller::CertificateFault::Unreadable)),
    };
    caller.still_good(SystemTime::now())?;
    Ok(caller)
}

/// What a fault counts as.
pub(crate) fn turned(fault: &CallerFault) -> Turned {
    match fault {
        CallerFault::Foreign(_) => Turned::NoAgency,
        CallerFault::Expired => Turned::Expired,
        CallerFault::OtherAgency { .. } => Turned::OtherAgency,
        CallerFault::Power { .. } => Turned::NoPower,
        CallerFault::NotAuditor => Turned::NotAuditor,
    }
}
