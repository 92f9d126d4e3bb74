//! Who is calling.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use confab_application::{App, Error, Unauthenticated, Viewer};

use crate::dto::Eyes;
use crate::problem::Problem;

/// The viewer whom the [bearer](crate::middleware::bearer) middleware has found. A handler that takes one on a route
/// without that middleware refuses everyone.
pub(crate) struct Caller(pub(crate) Viewer);

impl Caller {
    /// By what they are judged.
    pub(crate) fn eyes(&self, app: &App) -> Eyes {
        Eyes { role: self.0.user.role, policy: app.settings.policy }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let viewer = request.extensions().get::<Viewer>().cloned();
        ready(viewer.map(Self).ok_or_else(|| Error::from(Unauthenticated::MissingToken).into()))
    }
}
