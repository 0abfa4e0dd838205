.class public interface abstract LFace;
.super Ljava/lang/Object;

.method public static still(LFace;)V
    .registers 1
    return-void
.end method

.method public given()V
    .registers 1
    invoke-direct {p0}, LFace;->own()V
    return-void
.end method

.method private own()V
    .registers 1
    return-void
.end method
