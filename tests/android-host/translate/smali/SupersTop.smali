.class public interface abstract LSupersTop;
.super Ljava/lang/Object;

.method public name()Ljava/lang/String;
    .registers 2
    const-string v0, "top"
    return-object v0
.end method
