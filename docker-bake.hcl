# Builds the image for both platforms, on Debian ("image") and on a base without a shell ("distroless"):
#
#   docker buildx bake --file docker-bake.hcl                                              checks that everything builds
#   IMAGE=registry.example.com/aerie VERSION=1.2.3 docker buildx bake --file docker-bake.hcl --push
#
# If your builder cannot build for two platforms, run "docker buildx create --use --driver docker-container" once.

variable "IMAGE" {
  default = "aerie"
}

variable "VERSION" {
  default = ""
}

# Only this platform, such as amd64, which is then part of the tag. For builds on a machine of each platform.
variable "PLATFORM" {
  default = ""
}

# Where the sources are, for the labels.
variable "SOURCE" {
  default = ""
}

variable "REVISION" {
  default = ""
}

group "default" {
  targets = ["image", "distroless"]
}

function "tag" {
  params = [variant]
  result = VERSION == "" ? [] : ["${IMAGE}:${join("-", compact([VERSION, variant, PLATFORM]))}"]
}

target "image" {
  platforms = PLATFORM == "" ? ["linux/amd64", "linux/arm64"] : ["linux/${PLATFORM}"]
  tags      = tag("")
  labels = {
    "org.opencontainers.image.version"  = VERSION
    "org.opencontainers.image.source"   = SOURCE
    "org.opencontainers.image.revision" = REVISION
  }
  attest = ["type=sbom", "type=provenance,mode=max"]
}

target "distroless" {
  inherits = ["image"]
  args     = { RUNTIME = "gcr.io/distroless/nodejs24-debian13" }
  tags     = tag("distroless")
}
