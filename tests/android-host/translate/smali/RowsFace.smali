.class public interface abstract LRowsFace;
.super Ljava/lang/Object;

.method public abstract name(I)Ljava/lang/String;
.end method
