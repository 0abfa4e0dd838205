package org.example.gaps;

import android.app.Activity;
import android.graphics.Color;
import android.graphics.SurfaceTexture;
import android.net.Uri;
import android.opengl.GLSurfaceView;
import android.os.Bundle;
import android.view.Gravity;
import android.view.SurfaceHolder;
import android.view.SurfaceView;
import android.view.TextureView;
import android.view.View;
import android.view.Window;
import android.webkit.WebView;
import android.widget.FrameLayout;
import android.widget.LinearLayout;
import android.widget.TextView;
import android.widget.VideoView;
import javax.microedition.khronos.egl.EGLConfig;
import javax.microedition.khronos.opengles.GL10;

/**
 * Strips of equal height, from the top: a surface and a texture that threads draw on, OpenGL below a word, a web page,
 * a video, and a surface that nobody draws on.
 */
public final class Main extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    requestWindowFeature(Window.FEATURE_NO_TITLE);
    LinearLayout strips = new LinearLayout(this);
    strips.setOrientation(LinearLayout.VERTICAL);
    SurfaceView drawn = new SurfaceView(this);
    drawn.getHolder().addCallback(new Pen(Color.RED));
    TextureView texture = new TextureView(this);
    texture.setSurfaceTextureListener(listener(texture));
    GLSurfaceView cube = new GLSurfaceView(this);
    cube.setRenderer(renderer());
    cube.setFocusable(true);
    FrameLayout words = new FrameLayout(this);
    words.addView(cube);
    TextView word = new TextView(this);
    word.setText("word");
    word.setTextColor(Color.YELLOW);
    words.addView(word, new FrameLayout.LayoutParams(-2, -2, Gravity.TOP | Gravity.START));
    WebView page = new WebView(this);
    page.loadUrl("https://example.org/");
    VideoView video = new VideoView(this);
    video.setVideoURI(Uri.parse("https://example.org/a.mp4"));
    video.start();
    for (View strip : new View[] {drawn, texture, words, page, video, new SurfaceView(this)}) {
      strips.addView(strip, new LinearLayout.LayoutParams(-1, 0, 1));
    }
    setContentView(strips);
  }

  private static TextureView.SurfaceTextureListener listener(TextureView view) {
    return new TextureView.SurfaceTextureListener() {
      @Override
      public void onSurfaceTextureAvailable(SurfaceTexture texture, int width, int height) {
        new Thread(
                () -> {
                  android.graphics.Canvas canvas = view.lockCanvas();
                  canvas.drawColor(Color.GREEN);
                  view.unlockCanvasAndPost(canvas);
                })
            .start();
      }

      @Override
      public void onSurfaceTextureSizeChanged(SurfaceTexture texture, int width, int height) {}

      @Override
      public boolean onSurfaceTextureDestroyed(SurfaceTexture texture) {
        return true;
      }

      @Override
      public void onSurfaceTextureUpdated(SurfaceTexture texture) {}
    };
  }

  private static GLSurfaceView.Renderer renderer() {
    return new GLSurfaceView.Renderer() {
      @Override
      public void onSurfaceCreated(GL10 gl, EGLConfig config) {
        throw new IllegalStateException("there is no OpenGL");
      }

      @Override
      public void onSurfaceChanged(GL10 gl, int width, int height) {}

      @Override
      public void onDrawFrame(GL10 gl) {}
    };
  }
}
